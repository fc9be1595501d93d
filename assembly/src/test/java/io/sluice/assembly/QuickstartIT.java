package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.examples.Quickstart;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartIT {

    private static final Path LIBRARIES = Path.of(System.getProperty("kafka.libraries"));
    private static final Path EXAMPLES = LIBRARIES.resolve("../../..");

    @TempDir
    Path folder;

    private Process quickstart;

    @AfterEach
    void endQuickstart() throws InterruptedException {
        quickstart.destroy();
        quickstart.waitFor();
    }

    @Test
    void with_a_number_of_messages_it_publishes_finds_them_all_in_kafka_and_succeeds() throws Exception {
        start("--messages", "1000");

        assertThat(quickstart.waitFor(2, TimeUnit.MINUTES)).as(output()).isTrue();
        assertThat(quickstart.exitValue()).as(output()).isZero();
        assertThat(output())
                .contains("acknowledged   1,000 of 1,000", "arrived        1,000 of 1,000", "0 missing", "p50", "p99");
        assertThat(leftovers()).isEmpty();
    }

    @Test
    @Tag("nightly")
    void without_one_it_shows_records_until_it_is_told_to_end_and_leaves_nothing_behind() throws Exception {
        start("--sluice", commandLine().toString());
        await().atMost(Duration.ofMinutes(2)).until(() -> output().contains("mqtt.topic=sensors/1/temp"));
        assertThat(output())
                .contains("/bin/sluice' publish --broker mqtt://127.0.0.1:")
                .contains("/bin/sluice' tail iot --follow --kafka 127.0.0.1:")
                .contains("  '" + folder + "/the tools/")
                .contains("/bin/sluice' connector describe sluice --worker http://127.0.0.1:");
        List<ProcessHandle> children = quickstart.children().toList();
        assertThat(children).as("Kafka, the worker, the console").hasSize(3);
        assertThat(letsIn(output().lines()
                        .filter(line -> line.contains("/?token="))
                        .findFirst()
                        .orElseThrow()))
                .isTrue();

        quickstart.destroy();

        assertThat(quickstart.waitFor(1, TimeUnit.MINUTES)).as(output()).isTrue();
        assertThat(children).noneMatch(ProcessHandle::isAlive);
        assertThat(leftovers()).isEmpty();
        assertThat(output()).doesNotContain("Exception");
    }

    private Path commandLine() throws Exception {
        Path parent = Files.createDirectory(folder.resolve("the tools"));
        Process tar =
                new ProcessBuilder("tar", "xzf", Archives.TOOLS_TAR_GZ.toString(), "-C", parent.toString()).start();
        assertThat(tar.waitFor()).isZero();
        return parent.resolve(Archives.TOOLS_ROOT).resolve("bin/sluice");
    }

    private static boolean letsIn(String address) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(address.strip())).build(), BodyHandlers.discarding())
                .headers()
                .firstValue("Set-Cookie")
                .isPresent();
    }

    private void start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Djava.io.tmpdir=" + folder,
                "-Dlog4j2.configurationFile=quickstart-log4j2.xml",
                "-cp",
                String.join(
                        System.getProperty("path.separator"),
                        EXAMPLES.resolve("target/classes").toString(),
                        EXAMPLES.resolve("testkit/target/classes").toString(),
                        EXAMPLES.resolve("target/lib/*").toString(),
                        LIBRARIES.resolve("*").toString()),
                Quickstart.class.getName(),
                "--archive",
                Archives.ZIP.toString(),
                "--kafka-libraries",
                LIBRARIES.toString(),
                "--configuration",
                EXAMPLES.resolve("first.json").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile());
        builder.environment().put("SLUICE_TOOLS_CACHE", "");
        quickstart = builder.start();
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("output"), UTF_8);
    }

    private List<Path> leftovers() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("sluice-"))
                    .toList();
        }
    }
}
