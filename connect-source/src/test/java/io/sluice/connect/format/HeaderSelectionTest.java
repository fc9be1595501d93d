package io.sluice.connect.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connect.MessageBuilder;
import io.sluice.message.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.apache.kafka.connect.header.Header;
import org.junit.jupiter.api.Test;

class HeaderSelectionTest {

    private static final Message FULL = MessageBuilder.full().build();

    @Test
    void every_field_of_a_message_has_its_header() {
        assertThat(written(HeaderSelection.ALL, FULL))
                .containsExactly(
                        "mqtt.topic=sensors/7/temp",
                        "mqtt.message.id=7",
                        "mqtt.qos=2",
                        "mqtt.retained=true",
                        "mqtt.duplicate=true",
                        "mqtt.client.id=c-1",
                        "mqtt.username=ann",
                        "mqtt.timestamp=1772600767890",
                        "mqtt.content.type=text/plain",
                        "mqtt.payload.format=1",
                        "mqtt.response.topic=answers/7",
                        "mqtt.correlation.data=[1, -1]",
                        "mqtt.message.expiry=4294967295",
                        "mqtt.property.site=north",
                        "mqtt.property.site=south",
                        "mqtt.property.=unnamed");
    }

    @Test
    void what_a_message_does_not_have_is_not_set() {
        assertThat(written(HeaderSelection.ALL, MessageBuilder.to("a").qos(0).build()))
                .containsExactly(
                        "mqtt.topic=a",
                        "mqtt.qos=0",
                        "mqtt.retained=false",
                        "mqtt.duplicate=false",
                        "mqtt.client.id=client-1",
                        "mqtt.timestamp=1772600767890");
    }

    @Test
    void only_the_headers_wanted_are_set() {
        HeaderSelection some = new HeaderSelection(EnumSet.of(MqttHeader.USER_PROPERTIES, MqttHeader.QOS));

        assertThat(written(some, FULL))
                .containsExactly(
                        "mqtt.qos=2", "mqtt.property.site=north", "mqtt.property.site=south", "mqtt.property.=unnamed");
        assertThat(written(HeaderSelection.NONE, FULL)).isEmpty();
    }

    private static List<String> written(HeaderSelection selection, Message message) {
        List<String> written = new ArrayList<>();
        HeaderWriter writer = new HeaderWriter(HeaderWriter.Form.PLAIN);
        selection.write(message, new MessageId("b1", 1), writer);
        for (Header header : writer.headers()) {
            Object value = header.value();
            written.add(header.key() + "=" + (value instanceof byte[] bytes ? Arrays.toString(bytes) : value));
        }
        return written;
    }
}
