package io.sluice.assembly;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.testkit.ConnectWorker.Mode;
import io.sluice.testkit.Jvm;
import io.sluice.testkit.KafkaServer;
import io.sluice.testkit.PluginArchive;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The archive in workers of each version of Kafka Connect that it is said to work with. */
@Tag("compatibility")
class CompatibilityIT {

    private static final Path NEWEST_LIBRARIES = Path.of(System.getProperty("kafka.libraries"));

    @TempDir
    static Path folder;

    private static KafkaServer kafka;

    record Worker(String version, String java, Mode mode) {

        Path libraries() {
            return version.equals(System.getProperty("kafka.version"))
                    ? NEWEST_LIBRARIES
                    : Path.of(System.getProperty("compatibility.libraries"), version);
        }

        @Override
        public String toString() {
            return "kafka-" + version + "-" + java + "-" + mode.name().toLowerCase(Locale.ROOT);
        }
    }

    static List<Worker> workers() {
        List<String> versions = new ArrayList<>(
                List.of(System.getProperty("compatibility.versions").split(",", -1)));
        versions.add(System.getProperty("kafka.version"));
        List<Worker> workers = new ArrayList<>();
        for (String version : versions) {
            for (String java : List.of("java17", "java25")) {
                for (Mode mode : Mode.values()) {
                    workers.add(new Worker(version, java, mode));
                }
            }
        }
        return workers;
    }

    @BeforeAll
    static void startKafka() {
        PluginArchive.unpack(Archives.ZIP, folder.resolve("plugins"));
        kafka = new KafkaServer(NEWEST_LIBRARIES, folder.resolve("kafka"));
        kafka.start();
    }

    @AfterAll
    static void endKafka() {
        kafka.close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("workers")
    void the_archive_works_in_a_worker(Worker worker) throws Exception {
        String home = "compatibility." + worker.java() + ".home";
        Path java = Path.of(System.getProperty(home));
        assumeTrue(Files.isDirectory(java), () -> "There is no Java at " + java + "; say where it is with -D" + home);

        new Acceptance(
                        worker.toString(),
                        worker.mode(),
                        worker.libraries(),
                        Jvm.smallAndQuick().at(java),
                        kafka,
                        folder.resolve("plugins"),
                        folder)
                .check();
    }
}
