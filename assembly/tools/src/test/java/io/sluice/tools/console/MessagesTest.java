package io.sluice.tools.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.sluice.message.PublishProperties;
import io.sluice.tools.mqtt.MqttMessage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MessagesTest {

    private static PublishProperties tried(String json) throws JsonProcessingException {
        return Messages.toTry(Call.JSON.readTree(json)).properties();
    }

    @Test
    void a_route_is_tried_with_the_time_after_which_the_message_expires() throws Exception {
        assertThat(tried("{'topic': 't', 'expirySeconds': 60}".replace('\'', '"'))
                        .messageExpirySeconds())
                .hasValue(60);
        assertThat(tried("{'topic': 't', 'expirySeconds': '60'}".replace('\'', '"'))
                        .messageExpirySeconds())
                .as("as a field of the page has it")
                .hasValue(60);
        assertThat(tried("{'topic': 't', 'expirySeconds': ''}".replace('\'', '"'))
                        .messageExpirySeconds())
                .isEmpty();
        assertThat(tried("{'topic': 't'}".replace('\'', '"')).messageExpirySeconds())
                .isEmpty();
    }

    @Test
    void a_message_that_was_received_is_tried_as_it_came() throws Exception {
        MqttMessage received = new MqttMessage(
                "t",
                new byte[0],
                1,
                false,
                new MqttMessage.About(
                        Optional.of("application/json"),
                        Optional.of("answers"),
                        Optional.of("7"),
                        OptionalLong.of(60),
                        true,
                        List.of(Map.entry("site", "north"))));

        PublishProperties tried = tried(Messages.json(received).toString());

        assertThat(tried)
                .isEqualTo(received.publishedBy("client-1", Optional.empty()).properties());
    }
}
