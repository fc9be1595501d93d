package io.sluice.tools.cli;

import io.sluice.tools.Setting;
import io.sluice.tools.kafka.KafkaView;
import io.sluice.tools.kafka.TopicTail;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of commands that speak to Kafka. */
final class KafkaOptions extends Common {

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT,…",
            description = "Kafka's addresses; by default $$SLUICE_KAFKA, else the context's, else localhost:9092.")
    private @Nullable String kafka;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description = "Properties with further settings of Kafka's clients, such as for TLS; by default"
                    + " $$SLUICE_KAFKA_CONFIG, else the context's.")
    private @Nullable String config;

    TopicTail tail(String topic) {
        Map<String, String> settings =
                setting(Setting.KAFKA_CONFIG, config).map(KafkaView::settings).orElse(Map.of());
        return TopicTail.of(setting(Setting.KAFKA, kafka).orElseThrow(), settings, topic);
    }
}
