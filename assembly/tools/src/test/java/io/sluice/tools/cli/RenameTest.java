package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.tools.StandIn;
import io.sluice.tools.StandIn.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker on which a connector takes its time to stop, and somebody who has no patience. */
class RenameTest {

    private static final Reply RUNNING =
            Reply.ok("{\"connector\": {\"state\": \"RUNNING\"}, \"tasks\": [{\"state\": \"RUNNING\"}]}");

    @TempDir
    Path home;

    @Test
    void a_connector_goes_on_when_the_program_is_told_to_end_before_it_has_another_name() throws Exception {
        try (StandIn worker = StandIn.saying(request ->
                request.contains("/connectors/b/") ? Reply.refused(404, "Connector b not found") : RUNNING)) {
            Process sluice = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            Sluice.class.getName(),
                            "connector",
                            "rename",
                            "a",
                            "b",
                            "--worker",
                            worker.address())
                    .redirectErrorStream(true)
                    .redirectOutput(home.resolve("output").toFile())
                    .start();
            try {
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> worker.asked().contains("PUT /connectors/a/stop"));

                sluice.destroy();

                assertThat(sluice.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(worker.asked()).containsSubsequence("PUT /connectors/a/stop", "PUT /connectors/a/resume");
            } finally {
                sluice.destroyForcibly();
            }
        }
    }
}
