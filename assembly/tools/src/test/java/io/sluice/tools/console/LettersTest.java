package io.sluice.tools.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class LettersTest {

    private static JsonNode letter(String header, byte[] value) {
        RecordHeaders headers = new RecordHeaders();
        headers.add(header, value);
        return Letters.letter(new ConsumerRecord<>(
                "letters",
                0,
                5,
                1,
                TimestampType.CREATE_TIME,
                0,
                1,
                null,
                "x".getBytes(UTF_8),
                headers,
                Optional.empty()));
    }

    @Test
    void a_letter_is_sent_again_with_the_properties_of_its_device_and_shown_without_what_steers() {
        JsonNode letter = letter("mqtt.property.meta", "a\nb\u202e".getBytes(UTF_8));

        assertThat(letter.at("/properties/0/name").asText()).isEqualTo("meta");
        assertThat(letter.at("/properties/0/value").asText()).isEqualTo("a\nb\u202e");
        assertThat(letter.at("/headers/0/value").asText()).isEqualTo("a\\nb\\u202e");
    }

    @Test
    void a_property_that_is_no_text_is_sent_as_it_is_shown() {
        JsonNode letter = letter("mqtt.property.meta", new byte[] {(byte) 0xff});

        assertThat(letter.at("/properties/0/value").asText()).isEqualTo("0xff");
        assertThat(letter.at("/headers/0/value").asText()).isEqualTo("0xff");
    }
}
