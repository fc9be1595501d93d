package io.sluice.tools.cli;

import io.sluice.tools.ExitCode;
import io.sluice.tools.Setting;
import io.sluice.tools.ToolException;
import io.sluice.tools.TopicTail;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
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
        Map<String, String> settings = setting(Setting.KAFKA_CONFIG, config)
                .map(KafkaOptions::properties)
                .orElse(Map.of());
        return TopicTail.of(setting(Setting.KAFKA, kafka).orElseThrow(), settings, topic);
    }

    /** The settings in a file. */
    static Map<String, String> properties(String file) {
        try (Reader reader = Files.newBufferedReader(Path.of(file))) {
            Properties properties = new Properties();
            properties.load(reader);
            Map<String, String> settings = new HashMap<>();
            properties.stringPropertyNames().forEach(key -> settings.put(key, properties.getProperty(key)));
            return settings;
        } catch (IOException e) {
            throw new ToolException(
                    ExitCode.USAGE, "The settings of Kafka's clients in " + file + " cannot be read: " + e, e);
        }
    }
}
