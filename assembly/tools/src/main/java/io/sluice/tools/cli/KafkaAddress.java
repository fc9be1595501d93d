package io.sluice.tools.cli;

import io.sluice.tools.Setting;
import io.sluice.tools.kafka.KafkaView;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of commands that look at Kafka for a connector, whose own addresses come first. */
final class KafkaAddress {

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT,…",
            description = "Kafka's addresses, unless a connector names some (producer.override.bootstrap.servers); by"
                    + " default $$SLUICE_KAFKA, else the context's, else localhost:9092.")
    private @Nullable String kafka;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description = "Properties with further settings of Kafka's clients; by default $$SLUICE_KAFKA_CONFIG, else"
                    + " the context's.")
    private @Nullable String config;

    String servers(Common options) {
        return options.setting(Setting.KAFKA, kafka).orElseThrow();
    }

    Map<String, String> settings(Common options) {
        return options.setting(Setting.KAFKA_CONFIG, config)
                .map(KafkaView::settings)
                .orElse(Map.of());
    }
}
