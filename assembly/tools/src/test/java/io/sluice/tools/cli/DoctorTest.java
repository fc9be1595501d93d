package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tools.StandIn;
import io.sluice.tools.StandIn.Reply;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker on which somebody deletes a connector while it is looked at. */
class DoctorTest {

    private static final String LIST = """
            {"gone": {"info": {"config": {"connector.class": "io.sluice.connect.MqttSourceConnector"}}}}""";

    @TempDir
    Path home;

    @Test
    void a_connector_that_is_deleted_meanwhile_ends_nothing_else() {
        try (StandIn worker = StandIn.saying(request -> request.contains("/connectors/")
                ? Reply.refused(404, "Connector gone not found")
                : Reply.ok(listing(request)))) {
            Tool.Ended ended = doctor(worker);

            assertThat(ended.out())
                    .contains("gone: The worker does not have it yet.")
                    .doesNotContain("WRONG   worker");
        }
    }

    @Test
    void a_connector_that_a_worker_cannot_find_by_its_name_costs_no_other_one_its_findings() {
        String two = LIST.replace("gone", "a/b")
                .replaceFirst("}\\s*$", "," + LIST.replace("gone", "z").substring(1));
        try (StandIn worker = StandIn.saying(request -> {
            if (request.startsWith("GET /connectors/a/b")) {
                return new Reply(400, "<h1>Bad Message 400</h1><pre>reason: Ambiguous URI path separator</pre>");
            }
            return Reply.ok(request.equals("GET /connectors") ? two : listing(request));
        })) {
            Tool.Ended ended = doctor(worker);

            assertThat(ended.out())
                    .contains("a/b: The worker at " + worker.address() + " takes no request for the connector a/b: from"
                            + " Kafka Connect 4 on, a connector's name must not have %, / or \\.")
                    .contains("z: It runs, with 1 tasks.");
        }
    }

    @Test
    void a_worker_that_fails_while_it_is_asked_does_not_take_the_findings_with_it() throws Exception {
        try (StandIn worker = StandIn.saying(
                request -> request.endsWith("/config") ? Reply.refused(500, "broken") : Reply.ok(listing(request)))) {
            Path bundle = Files.createFile(home.resolve("bundle.zip"));

            Tool.Ended ended = doctor(worker, "--bundle", bundle.toString());

            assertThat(ended.out())
                    .contains("It answers, and is of Kafka Connect 4.3.1.", "The worker refuses: broken");
            assertThat(ended.err()).startsWith("There is a file " + bundle + " already; name another one.");
            assertThat(ended.exitCode()).isEqualTo(2);
        }
    }

    @Test
    void settings_that_are_no_paths_do_not_take_the_findings_with_them() {
        String none = LIST.replace(
                "\"connector.class\"",
                "\"buffer.dir\": \"/a\\u0000b\", \"status.token.file\": \"/c\\u0000d\", \"connector.class\"");
        try (StandIn worker =
                StandIn.saying(request -> Reply.ok(request.equals("GET /connectors") ? none : listing(request)))) {
            Tool.Ended ended = doctor(worker);

            assertThat(ended.out())
                    .contains(
                            "It answers, and is of Kafka Connect 4.3.1.",
                            "gone: buffer.dir: /a\\u0000b is no path on this machine.",
                            "gone: Who may read and write /c\\u0000d is not seen from here.");
        }
    }

    @Test
    void a_command_that_is_offered_names_the_connector_however_it_is_called() {
        try (StandIn worker = StandIn.saying(request -> Reply.ok(
                request.equals("GET /connectors")
                        ? LIST.replace("gone", "a b")
                        : listing(request).replaceFirst("RUNNING", "PAUSED").replaceFirst("RUNNING", "FAILED")))) {
            Tool.Ended ended = doctor(worker);

            assertThat(ended.out())
                    .contains("`sluice connector resume 'a b'`", "`sluice connector restart 'a b' --only-failed`");
        }
    }

    /** A Kafka without a port is none, and nobody waits for it. */
    private Tool.Ended doctor(StandIn worker, String... more) {
        List<String> arguments = new ArrayList<>(List.of("doctor", "--kafka", "127.0.0.1"));
        arguments.addAll(List.of(more));
        return new Tool(home).with("SLUICE_WORKER", worker.address()).run(arguments.toArray(String[]::new));
    }

    private static String listing(String request) {
        return switch (request) {
            case "GET /connectors" -> LIST;
            case "GET /connector-plugins" -> "[]";
            default ->
                "{\"version\": \"4.3.1\", \"connector\": {\"state\": \"RUNNING\"}, \"tasks\": [{\"state\": \"RUNNING\"}]}";
        };
    }
}
