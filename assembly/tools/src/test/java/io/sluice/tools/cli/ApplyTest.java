package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tools.StandIn;
import io.sluice.tools.StandIn.Reply;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApplyTest {

    @Test
    void of_two_connectors_of_one_name_neither_is_applied(@TempDir Path dir) throws Exception {
        Path one = Files.writeString(dir.resolve("one.json"), "{\"name\":\"same\",\"config\":{\"kafka.topic\":\"a\"}}");
        Path other =
                Files.writeString(dir.resolve("other.json"), "{\"name\":\"same\",\"config\":{\"kafka.topic\":\"b\"}}");
        try (StandIn worker = StandIn.saying(request -> Reply.refused(404, "Connector same not found"))) {
            Tool.Ended ended = new Tool(dir)
                    .with("SLUICE_WORKER", worker.address())
                    .run("connector", "apply", "-f", one.toString(), other.toString());

            assertThat(ended.exitCode()).isEqualTo(2);
            assertThat(ended.err()).contains("The files have two connectors of the name same: take one out, or");
            assertThat(worker.asked()).isEmpty();
        }
    }
}
