package io.sluice.connect.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connect.MessageBuilder;
import io.sluice.connect.format.AliasNames;
import io.sluice.connect.format.AllowedNames;
import io.sluice.connect.format.ConvertedSize;
import io.sluice.connect.format.Decompression;
import io.sluice.connect.format.HeaderSelection;
import io.sluice.connect.format.HeaderWriter;
import io.sluice.connect.format.MessageId;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.format.ValueFormat;
import io.sluice.connect.format.ValueOptions;
import io.sluice.message.Message;
import io.sluice.message.TopicFilter;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.connect.converters.ByteArrayConverter;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.StringConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeadLettersTest {

    private static final byte[] NOT_UTF8 = {'a', (byte) 0xff, 'b'};

    @Test
    void a_dead_letter_has_payload_and_key_and_tells_all_that_is_known_and_what_was_wrong() {
        RoutedRecord letter = letter(
                MessageBuilder.to("sensors/7").property("site", "north").build(), ValueFormat.BYTES, "{topic[1]}");

        assertThat(letter.topic()).isEqualTo("dead");
        assertThat(letter.key().map(SchemaAndValue::value)).contains("7");
        assertThat(letter.value())
                .isEqualTo(
                        new SchemaAndValue(Schema.BYTES_SCHEMA, letter.value().value()));
        assertThat((byte[]) letter.value().value()).isEqualTo("21.5".getBytes(UTF_8));
        assertThat(headers(letter))
                .containsEntry("sluice.error.message", "It is too blue.")
                .containsEntry("sluice.error.class", UnmappableException.class.getName())
                .containsEntry("sluice.error.connector", "mqtt")
                .containsEntry("sluice.error.route", "blue")
                .containsEntry("sluice.error.buffer", "b1")
                .containsEntry("sluice.error.position", "42")
                .containsEntry("mqtt.topic", "sensors/7")
                .containsEntry("mqtt.client.id", "client-1")
                .containsEntry("mqtt.property.site", "north")
                .doesNotContainKeys("sluice.error.payload.encoding", "sluice.error.payload.bytes");
    }

    @Test
    void a_key_that_is_empty_is_none() {
        assertThat(letter(MessageBuilder.to("t").build(), ValueFormat.BYTES, "{username}")
                        .key())
                .isEmpty();
    }

    @Test
    void text_stays_text_where_values_are_text() {
        RoutedRecord letter = letter(MessageBuilder.to("t").payload("grün").build(), ValueFormat.STRING, "");

        assertThat(letter.value()).isEqualTo(new SchemaAndValue(Schema.STRING_SCHEMA, "grün"));
        assertThat(headers(letter)).doesNotContainKey("sluice.error.payload.encoding");
    }

    @Test
    void bytes_become_base64_where_values_are_text() {
        RoutedRecord letter = letter(MessageBuilder.to("t").payload(NOT_UTF8).build(), ValueFormat.STRING, "");

        assertThat(letter.value())
                .isEqualTo(new SchemaAndValue(
                        Schema.STRING_SCHEMA, Base64.getEncoder().encodeToString(NOT_UTF8)));
        assertThat(headers(letter)).containsEntry("sluice.error.payload.encoding", "base64");
    }

    @ParameterizedTest
    @EnumSource(value = ValueFormat.class, mode = EnumSource.Mode.EXCLUDE, names = "PROTOBUF")
    void the_converter_that_fits_the_format_takes_a_dead_letter_too(ValueFormat format) throws IOException {
        SchemaAndValue value = letter(MessageBuilder.to("t").payload("blue").build(), format, "")
                .value();

        try (Converter converter = switch (format) {
            case STRING -> new StringConverter();
            case STRUCT, JSON, SPARKPLUG -> new JsonConverter();
            default -> new ByteArrayConverter();
        }) {
            converter.configure(Map.of("schemas.enable", "false"), false);
            assertThat(converter.fromConnectData("dead", value.schema(), value.value()))
                    .asString(UTF_8)
                    .isEqualTo(converter instanceof JsonConverter ? "\"blue\"" : "blue");
        }
    }

    @ParameterizedTest
    @EnumSource(value = ValueFormat.class, mode = EnumSource.Mode.EXCLUDE, names = "PROTOBUF")
    void what_is_above_the_limit_is_reduced_to_the_beginning_of_its_payload_and_its_origin(ValueFormat format) {
        byte[] payload = new byte[DeadLetters.LEAST];
        new Random(7).nextBytes(payload);
        RoutedRecord letter = letter(
                MessageBuilder.to("t").property("p", "v").payload(payload).build(), format, "{topic}");

        assertThat(letter.key()).isEmpty();
        assertThat(headers(letter))
                .containsEntry("sluice.error.payload.bytes", Integer.toString(payload.length))
                .containsKeys("sluice.error.message", "mqtt.topic", "mqtt.client.id")
                .doesNotContainKeys("mqtt.qos", "mqtt.property.p");
        assertThat(bytes(letter)).isBetween(DeadLetters.LEAST - 200L, (long) DeadLetters.LEAST);
        byte[] kept = letter.value().value() instanceof String text
                ? Base64.getDecoder().decode(text)
                : (byte[]) letter.value().value();
        assertThat(kept).isEqualTo(Arrays.copyOf(payload, kept.length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "xx", "xxx"})
    void text_is_cut_between_characters(String before) {
        String text = before + "🙂".repeat(DeadLetters.LEAST / 4);
        RoutedRecord letter = letter(MessageBuilder.to("t").payload(text).build(), ValueFormat.STRING, "");

        assertThat(text).startsWith((String) letter.value().value());
        assertThat(((String) letter.value().value()).length()).isGreaterThan(text.length() - 1_000);
    }

    @Test
    void the_longest_topic_and_client_id_and_very_many_properties_leave_room() {
        MessageBuilder message =
                MessageBuilder.to("t".repeat(65_535)).from("c".repeat(65_535)).payload(new byte[300_000]);
        for (int i = 0; i < 50_000; i++) {
            message.property("a", "");
        }

        RoutedRecord letter = letter(message.build(), ValueFormat.BYTES, "{topic}");

        assertThat(bytes(letter)).isBetween(DeadLetters.LEAST - 200L, (long) DeadLetters.LEAST);
        assertThat((byte[]) letter.value().value()).hasSizeGreaterThan(100_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16BE", "UTF-32"})
    void a_charset_that_makes_the_longest_topic_and_client_id_larger_than_a_dead_letter_leaves_no_payload(
            String charset) {
        Message message = MessageBuilder.to("t".repeat(65_535))
                .from("c".repeat(65_535))
                .payload("21.5")
                .build();
        RecordHeaders headers = new RecordHeaders(
                HeaderSelection.NONE,
                List.of(),
                new HeaderWriter.Form(Optional.of(Charset.forName(charset)), false, ConvertedSize.AS_IS),
                AllowedNames.ALL);

        RoutedRecord letter = letter(message, ValueFormat.BYTES, "", headers);

        assertThat((byte[]) letter.value().value()).isEmpty();
        assertThat(letter.headers().lastWithName("sluice.error.payload.bytes").value())
                .isEqualTo("4".getBytes(Charset.forName(charset)));
    }

    private static RoutedRecord letter(Message message, ValueFormat format, String key) {
        return letter(
                message,
                format,
                key,
                new RecordHeaders(HeaderSelection.NONE, List.of(), HeaderWriter.Form.PLAIN, AllowedNames.ALL));
    }

    private static RoutedRecord letter(Message message, ValueFormat format, String key, RecordHeaders headers) {
        Route route = new Route(
                "blue",
                List.of(TopicFilter.of("#")),
                Optional.empty(),
                new KafkaTopic(Template.of("iot"), Optional.empty(), 10, Optional.empty(), new KafkaNames()),
                Optional.empty(),
                new RecordKey(Template.of(key), Optional.empty(), false),
                RecordTime.RECEIVED,
                headers,
                new RecordValue(format, ValueOptions.of("mqtt", "default"), List.of(), false),
                false,
                false,
                Decompression.NONE,
                Optional.empty(),
                new RecordLimit(1_000, ConvertedSize.AS_IS, ConvertedSize.AS_IS));
        return new DeadLetters("dead", DeadLetters.LEAST, "mqtt")
                .of(
                        new MessageFields(message, new MessageId("b1", 42), AliasNames.NONE),
                        route,
                        "It is too blue.",
                        new UnmappableException("blue"));
    }

    private static long bytes(RoutedRecord letter) {
        long value = letter.value().value() instanceof String text
                ? text.getBytes(UTF_8).length
                : ((byte[]) letter.value().value()).length;
        long headers = 0;
        for (Header header : letter.headers()) {
            headers += header.key().getBytes(UTF_8).length + ((String) header.value()).getBytes(UTF_8).length;
        }
        return letter.key()
                        .map(key -> ((String) key.value()).getBytes(UTF_8).length)
                        .orElse(0)
                + value
                + headers;
    }

    private static Map<String, Object> headers(RoutedRecord letter) {
        Map<String, Object> headers = new HashMap<>();
        for (Header header : letter.headers()) {
            headers.put(header.key(), header.value());
        }
        return headers;
    }
}
