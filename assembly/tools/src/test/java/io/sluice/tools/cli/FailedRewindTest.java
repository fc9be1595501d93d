package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tools.StandIn;
import io.sluice.tools.StandIn.Reply;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that refuses other offsets, which a real one does only when something is wrong with it. */
class FailedRewindTest {

    private static final String STOP = "PUT /connectors/a/stop";
    private static final String RESUME = "PUT /connectors/a/resume";
    private static final String RUNNING =
            "{\"connector\": {\"state\": \"RUNNING\"}, \"tasks\": [{\"id\": 0, \"state\": \"RUNNING\"}]}";
    private static final String STOPPED = "{\"connector\": {\"state\": \"STOPPED\"}, \"tasks\": []}";

    @TempDir
    Path home;

    private final StandIn worker = StandIn.saying(this::answer);
    private volatile String otherBuffer = "one";
    private volatile boolean resumes = true;

    @AfterEach
    void stop() {
        worker.close();
    }

    @Test
    void a_connector_goes_on_when_a_rewind_or_a_reset_fails() {
        assertThat(run("rewind", "a", "--to", "5")).isEqualTo("The worker refuses: broken\n");
        assertThat(requests()).containsSubsequence(STOP, "PATCH /connectors/a/offsets", RESUME);
        worker.asked().clear();

        assertThat(run("reset", "a")).isEqualTo("The worker refuses: broken\n");
        assertThat(requests()).containsSubsequence(STOP, "DELETE /connectors/a/offsets", RESUME);
    }

    @Test
    void a_connector_that_stays_stopped_is_said() {
        resumes = false;

        assertThat(run("rewind", "a", "--to", "5"))
                .isEqualTo(
                        "The worker refuses: broken The connector a is stopped; `sluice connector resume a` lets it go"
                                + " on.\n");
    }

    @Test
    void a_position_is_refused_for_several_buffers_before_anything_is_stopped() {
        otherBuffer = "two";

        assertThat(run("rewind", "a", "--to", "5"))
                .isEqualTo(
                        "--to 5 is a position in one buffer, and the connector a has read from several (one, two); only"
                                + " --to earliest fits them all.\n");
        assertThat(requests()).containsExactly("GET /connectors/a/offsets");
    }

    private List<String> requests() {
        return worker.asked().stream()
                .map(request -> request.replaceFirst(" \\{.*", ""))
                .toList();
    }

    private String run(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "offsets";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[all.length - 2] = "--worker";
        all[all.length - 1] = worker.address();
        Tool.Ended ended = new Tool(home).run(all);
        assertThat(ended.exitCode()).isNotZero();
        return ended.err().replace(System.lineSeparator(), "\n");
    }

    private Reply answer(String request) {
        String lane = "{\"partition\": {\"buffer\": \"%s\", \"lane\": 0}, \"offset\": {\"position\": 9}}";
        return switch (request) {
            case "GET /connectors/a/status" -> Reply.ok(worker.asked().contains(STOP) ? STOPPED : RUNNING);
            case "GET /connectors/a/offsets" ->
                Reply.ok("{\"offsets\": [" + lane.formatted("one") + ", " + lane.formatted(otherBuffer) + "]}");
            case STOP -> new Reply(202, "");
            case RESUME -> resumes ? new Reply(202, "") : Reply.refused(500, "broken");
            default -> Reply.refused(500, "broken");
        };
    }
}
