package io.sluice.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.testkit.ConnectRest;
import io.sluice.testkit.FreePort;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WrongConfigurationIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @RegisterExtension
    static final Installed INSTALLED = new Installed();

    @Test
    void a_topic_filter_that_is_none_is_refused_by_name_and_value() throws Exception {
        Map<String, String> config = INSTALLED.firstConfiguration(FreePort.next());
        config.put("topic.filters", "sensors/#/temp");

        assertThat(errors(config, "topic.filters")).singleElement().asString().contains("sensors/#/temp");
        assertThatThrownBy(() -> rest().create("bad-filter", config)).hasMessageContaining("sensors/#/temp");
    }

    @Test
    void a_listener_that_others_can_reach_is_refused_without_authentication() throws Exception {
        Map<String, String> config = INSTALLED.firstConfiguration(FreePort.next());
        config.put("broker.listeners", "tcp://0.0.0.0:" + FreePort.next());

        JsonNode validation = rest().validate("wrong", config);

        assertThat(validation.path("error_count").asInt())
                .as(validation.toString())
                .isEqualTo(1);
        assertThat(errors(config, "broker.listeners"))
                .singleElement()
                .asString()
                .contains("tcp://0.0.0.0:", "broker.password.file", "broker.allow.anonymous");
    }

    @Test
    void a_port_in_use_is_named() throws Exception {
        try (ServerSocket taken = new ServerSocket(FreePort.next(), 1, InetAddress.getLoopbackAddress())) {
            Map<String, String> config = INSTALLED.firstConfiguration(taken.getLocalPort());

            assertThatThrownBy(() -> run("port-in-use", config))
                    .message()
                    .satisfies(message -> assertThat(firstLine(message))
                            .contains("tcp://127.0.0.1:" + taken.getLocalPort(), "in use"));
        }
    }

    @Test
    void a_folder_that_cannot_be_written_is_named() throws Exception {
        Path file = Files.createTempFile("not-a-folder", "");
        Map<String, String> config = INSTALLED.firstConfiguration(FreePort.next());
        config.put("buffer.dir", file.resolve("buffer").toString());

        assertThatThrownBy(() -> run("unwritable-folder", config))
                .message()
                .satisfies(message -> assertThat(firstLine(message)).contains(file.toString()));
    }

    private static void run(String connector, Map<String, String> config) {
        rest().create(connector, config);
        rest().awaitRunning(connector, TIMEOUT);
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("");
    }

    private static List<String> errors(Map<String, String> config, String key) {
        JsonNode configs = rest().validate("wrong", config).path("configs");
        return StreamSupport.stream(configs.spliterator(), false)
                .filter(each -> each.at("/definition/name").asText().equals(key))
                .flatMap(each -> StreamSupport.stream(each.at("/value/errors").spliterator(), false))
                .map(JsonNode::asText)
                .toList();
    }

    private static ConnectRest rest() {
        return INSTALLED.worker().rest();
    }
}
