package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tools.StandIn;
import io.sluice.tools.StandIn.Reply;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigTest {

    private static final String CONFIG = "{\"name\": \"a\", \"x\": \"%{A} %%{B} %{ %} {c} ${d:e} 5%\"}";

    @TempDir
    Path home;

    @Test
    void what_is_printed_of_a_connector_is_the_same_when_it_is_read_again() {
        try (StandIn worker = StandIn.saying(request -> Reply.ok(CONFIG))) {
            Tool tool = new Tool(home).with("SLUICE_WORKER", worker.address());

            String printed = tool.run("connector", "config", "a").out();
            Tool.Ended compared = tool.runWith(printed, "connector", "diff", "-f", "-");

            assertThat(compared.err()).isEmpty();
            assertThat(compared.out()).isEqualTo("a: the same\n");
        }
    }
}
