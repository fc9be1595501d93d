package io.sluice.tools;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sluice.tools.StandIn.Reply;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What answers with 200 and is no status listener. */
class StatusClientTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{}", "{\"status\": \"UP\"}", "<html></html>"})
    void an_answer_of_something_else_is_a_sentence(String answer) {
        try (StandIn something = StandIn.saying(request -> Reply.ok(answer))) {
            URI address = URI.create(something.address());
            StatusClient client = new StatusClient(address, Optional.empty());
            String sentence =
                    "What answers at " + address + " is no status listener: it sends text that is not its JSON.";

            assertThatExceptionOfType(ToolException.class)
                    .isThrownBy(client::status)
                    .withMessage(sentence);
            assertThatExceptionOfType(ToolException.class)
                    .isThrownBy(() -> client.events(0, 1, Optional.empty(), Duration.ZERO))
                    .withMessage(sentence);
            assertThatExceptionOfType(ToolException.class)
                    .isThrownBy(() -> client.clients(1))
                    .withMessage(sentence);
        }
    }
}
