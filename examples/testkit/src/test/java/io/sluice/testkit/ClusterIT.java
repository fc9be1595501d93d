package io.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterIT {

    private static final Path LIBRARIES = Path.of("target", "kafka");

    @TempDir
    Path folder;

    @Test
    void kafka_and_workers_start_and_after_a_kill_start_again_on_the_same_ports_with_what_they_had() throws Exception {
        try (KafkaServer kafka = new KafkaServer(LIBRARIES, folder.resolve("kafka"))) {
            kafka.start();
            kafka.createTopic("readings", 3);
            kafka.kill();
            kafka.start();
            try (Admin admin = kafka.admin()) {
                assertThat(admin.listTopics().names().get()).contains("readings");
            }

            try (ConnectWorker worker = worker(ConnectWorker.Mode.DISTRIBUTED, kafka.bootstrapServers(), Map.of())) {
                worker.start();
                assertThat(worker.rest().plugins()).isNotEmpty();
                worker.kill();
                assertThatThrownBy(worker.rest()::plugins)
                        .hasMessageContaining(worker.rest().url());
                worker.start();
                assertThat(worker.rest().plugins()).isNotEmpty();
            }

            try (ConnectWorker worker = worker(ConnectWorker.Mode.STANDALONE, kafka.bootstrapServers(), Map.of())) {
                worker.start();
                assertThat(worker.rest().plugins()).isNotEmpty();
            }
        }
    }

    @Test
    void a_worker_that_dies_early_is_reported_with_the_end_of_its_log() {
        try (ConnectWorker worker =
                worker(ConnectWorker.Mode.DISTRIBUTED, "127.0.0.1:1", Map.of("plugin.discovery", "by magic"))) {
            assertThatThrownBy(worker::start)
                    .hasMessageContaining("The Connect worker ended with exit code 2")
                    .hasMessageContaining("plugin.discovery");
        }
    }

    @Test
    void what_a_process_has_started_ends_with_it() throws Exception {
        Path kafka = folder.resolve("kafka");
        Process parent = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        StartKafkaAndForgetIt.class.getName(),
                        LIBRARIES.toString(),
                        kafka.toString())
                .redirectErrorStream(true)
                .start();

        String output = new String(parent.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(parent.waitFor()).as(output).isZero();
        assertThat(output).contains("Kafka runs: true");
        assertThat(processesThatMention(kafka)).isEmpty();
    }

    /** A program that ends without closing the Kafka that it has started. */
    static final class StartKafkaAndForgetIt {

        public static void main(String[] args) {
            Path folder = Path.of(args[1]);
            new KafkaServer(Path.of(args[0]), folder).start();
            System.out.println("Kafka runs: "
                    + !processesThatMention(folder.resolve("server.properties")).isEmpty());
        }
    }

    private static List<String> processesThatMention(Path file) {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(command -> command.contains(file.toString()) && command.contains("kafka.Kafka"))
                .toList();
    }

    private ConnectWorker worker(ConnectWorker.Mode mode, String bootstrapServers, Map<String, String> overrides) {
        return new ConnectWorker(
                mode, LIBRARIES, folder.resolve("plugins"), bootstrapServers, folder.resolve("worker"), overrides);
    }
}
