package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tools.StandIn;
import io.sluice.tools.StandIn.Reply;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CreateTest {

    private static final String INTEGRATION = """
            {"name": "off", "enabled": false, "configuration": {"topicFilters": ["a"],
             "clientConfiguration": {"topic": "t", "bootstrapServers": "localhost:9092"}}}""";

    @TempDir
    Path home;

    @Test
    void an_integration_that_is_not_enabled_does_not_run_for_a_moment() {
        try (StandIn worker = StandIn.saying(request ->
                request.startsWith("GET") ? Reply.refused(404, "Connector off not found") : Reply.ok("{}"))) {
            Tool.Ended ended = new Tool(home)
                    .with("SLUICE_WORKER", worker.address())
                    .run("connector", "create", "--from", "tbmq", "--config", INTEGRATION);

            assertThat(ended.exitCode()).as(ended.err()).isZero();
            assertThat(ended.err()).contains("The integration is not enabled: the connector is stopped.");
            assertThat(worker.asked().stream().filter(request -> !request.startsWith("GET")))
                    .singleElement()
                    .asString()
                    .startsWith("POST /connectors {\"name\":\"off\",\"initial_state\":\"STOPPED\",\"config\":{");
        }
    }
}
