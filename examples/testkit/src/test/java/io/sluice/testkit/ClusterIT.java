package io.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterIT {

    private static final Path LIBRARIES = Path.of("target", "kafka");

    @TempDir
    Path folder;

    @Test
    @Tag("nightly") // each test that kills a worker or Kafka fails without it
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
        Process parent = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StartAndForget.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();

        String output = new String(parent.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(parent.waitFor()).as(output).isZero();
        assertThat(output).matches("\\d+ runs\\n");
        long child = Long.parseLong(output.substring(0, output.indexOf(' ')));
        assertThat(ProcessHandle.of(child)).isEmpty();
    }

    /** A program that ends without ending the one that it has started. */
    static final class StartAndForget {

        public static void main(String[] args) throws Exception {
            Path folder = Path.of(args[0]);
            JvmProcess child = JvmProcess.start(new JvmProgram(
                    "The child",
                    List.of(Path.of(System.getProperty("java.class.path"))),
                    Child.class.getName(),
                    Jvm.smallAndQuick(),
                    List.of(),
                    folder.resolve("child.log")));
            Path log = folder.resolve("child.log");
            child.awaitReady(Duration.ofSeconds(30), () -> Files.readString(log).endsWith(" runs\n"));
            System.out.print(Files.readString(log));
        }
    }

    /** A program that says which process it is, and runs until it is ended. */
    static final class Child {

        public static void main(String[] args) throws Exception {
            System.out.println(ProcessHandle.current().pid() + " runs");
            Thread.currentThread().join();
        }
    }

    private ConnectWorker worker(ConnectWorker.Mode mode, String bootstrapServers, Map<String, String> overrides) {
        return new ConnectWorker(
                mode, LIBRARIES, folder.resolve("plugins"), bootstrapServers, folder.resolve("worker"), overrides);
    }
}
