package io.sluice.connect.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.connect.MessageBuilder;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.junit.jupiter.api.Test;

class ValueFormatTest {

    @Test
    void bytes_is_the_payload_as_it_is() throws UnmappableException {
        byte[] payload = {0, (byte) 0xff, 7};

        SchemaAndValue value = value(ValueFormat.BYTES, MessageBuilder.to("a").payload(payload));

        assertThat(value.schema()).isEqualTo(Schema.BYTES_SCHEMA);
        assertThat(value.value()).isEqualTo(payload);
    }

    @Test
    void string_is_the_payload_as_text() throws UnmappableException {
        MessageBuilder message = MessageBuilder.to("a").payload("21.5 °C");

        assertThat(value(ValueFormat.STRING, message)).isEqualTo(new SchemaAndValue(Schema.STRING_SCHEMA, "21.5 °C"));
    }

    @Test
    void an_empty_payload_is_an_empty_value_and_no_tombstone() throws UnmappableException {
        MessageBuilder message = MessageBuilder.to("a").payload("");

        assertThat(value(ValueFormat.BYTES, message).value()).isEqualTo(new byte[0]);
        assertThat(value(ValueFormat.STRING, message).value()).isEqualTo("");
    }

    @Test
    void a_payload_that_is_not_utf8_is_refused_by_string_and_not_altered() {
        MessageBuilder message = MessageBuilder.to("a").payload(new byte[] {'a', (byte) 0xc3});

        assertThatThrownBy(() -> value(ValueFormat.STRING, message))
                .isInstanceOf(UnmappableException.class)
                .hasMessageContaining("value.format=bytes takes any payload");
    }

    @Test
    void a_payload_inside_a_larger_array_is_cut_out_and_a_whole_array_is_not_copied() {
        byte[] array = "xpayloady".getBytes(UTF_8);

        assertThat(Payload.bytes(ByteBuffer.wrap(array, 1, 7))).isEqualTo("payload".getBytes(UTF_8));
        assertThat(Payload.bytes(ByteBuffer.wrap(array).slice(1, 7))).isEqualTo("payload".getBytes(UTF_8));
        assertThat(Payload.bytes(ByteBuffer.wrap(array).asReadOnlyBuffer())).isEqualTo(array);
        assertThat(Payload.bytes(ByteBuffer.wrap(array))).isSameAs(array);
    }

    private static SchemaAndValue value(ValueFormat format, MessageBuilder message) throws UnmappableException {
        return format.maker(ValueOptions.of("mqtt", "default"))
                .value(message.source(Optional.empty()), new HeaderWriter(HeaderWriter.Form.PLAIN));
    }
}
