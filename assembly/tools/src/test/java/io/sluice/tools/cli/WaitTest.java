package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tools.StandIn;
import io.sluice.tools.StandIn.Reply;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that for some moments tells of the state before a change. */
class WaitTest {

    private static final int OLD = 3;

    @TempDir
    Path home;

    @Test
    void a_state_from_before_a_restart_is_not_what_is_waited_for() {
        AtomicInteger asked = new AtomicInteger();
        try (StandIn worker = StandIn.saying(request -> {
            String task = request.endsWith("/status") && asked.incrementAndGet() > OLD ? "FAILED" : "RUNNING";
            return Reply.ok("{\"connector\": {\"state\": \"RUNNING\"}, \"tasks\": [{\"id\": 0, \"state\": \"" + task
                    + "\", \"trace\": \"wrong\"}]}");
        })) {
            Tool.Ended ended = new Tool(home).run("connector", "restart", "a", "--wait", "--worker", worker.address());

            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(ended.err()).startsWith("The connector a does not run: task 0: wrong");
        }
    }
}
