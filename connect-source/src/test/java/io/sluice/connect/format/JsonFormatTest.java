package io.sluice.connect.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.connect.MessageBuilder;
import io.sluice.connect.format.AddedFields.Named;
import io.sluice.connect.format.schema.PayloadSchema;
import io.sluice.connect.format.schema.UnknownFields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code value.format=json}, without a schema and with one. */
class JsonFormatTest {

    private static final AddedFields ADDED = new AddedFields(
            List.of(
                    new Named("topic", MessageField.TOPIC),
                    new Named("device", MessageField.CLIENT_ID),
                    new Named("user", MessageField.USERNAME),
                    new Named("receivedAt", MessageField.TIMESTAMP)),
            List.of("site", "nothing"));

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '\0',
            value = {
                "21; 21",
                "-9223372036854775808; -9223372036854775808",
                "12345678901234567890; \"12345678901234567890\"",
                "21.50; 21.5",
                "21.123456789012345678; 21.123456789012344",
                "1e3; 1000.0",
                "1e400; \"1e400\"",
                "NaN; \"NaN\"",
                "true; true",
                "null; null",
                "\"\\ud800\"; \"?\"",
                "[1,[2.5,\"x\"],{}]; [1,[2.5,\"x\"],{}]",
                "{\"b\":{\"a\":null}}; {\"b\":{\"a\":null}}",
            })
    void a_payload_becomes_maps_and_lists_whose_numbers_are_exact(String written, String read) throws Exception {
        SchemaAndValue value = value(options(Optional.empty(), AddedFields.NONE), "{\"x\":" + written + ",}\0");

        assertThat(value.schema()).isNull();
        assertThat(json(value)).isEqualTo("{\"x\":" + read + "}");
        assertThat(ConvertedSize.JSON.of(value))
                .isGreaterThanOrEqualTo(json(value).length());
        assertThat(ValueSize.of(value.value())).isPositive();
    }

    @Test
    void without_a_schema_a_reading_keeps_its_fields_as_they_are() throws Exception {
        assertThat(json(value(options(Optional.empty(), AddedFields.NONE), resource("reading.json"))))
                .isEqualTo(resource("reading-schemaless.json"));
    }

    private static String resource(String name) throws IOException {
        return Files.readString(Path.of("src/test/resources/formats", name)).strip();
    }

    @Test
    void a_payload_need_not_be_an_object() throws Exception {
        assertThat(value(options(Optional.empty(), AddedFields.NONE), "21").value())
                .isEqualTo(21L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hot", "{\"a\":", "{} {}"})
    void a_payload_that_is_no_json_is_refused(String payload) {
        assertThatThrownBy(() -> value(options(Optional.empty(), AddedFields.NONE), payload))
                .isInstanceOf(UnmappableException.class)
                .hasMessage("its payload is not JSON, which value.format=json requires");
    }

    @Test
    void a_payload_of_null_deletes_nothing() {
        assertThatThrownBy(() -> value(options(Optional.empty(), AddedFields.NONE), "null"))
                .hasMessageContaining("its payload is null, which would make a record without value");
        assertThatThrownBy(() -> value(options(schema(record("x")), AddedFields.NONE), "null"))
                .hasMessageContaining("its payload is null");
    }

    @Test
    void a_payload_that_is_too_deep_for_converters_is_refused() {
        assertThatThrownBy(() -> value(options(Optional.empty(), AddedFields.NONE), "[".repeat(600) + "]".repeat(600)))
                .hasMessage("its payload is JSON of more than 500 levels");
    }

    @Test
    void what_is_known_of_a_message_is_added_and_devices_cannot_forge_it() throws Exception {
        assertThat(json(value(
                        options(Optional.empty(), ADDED),
                        "{\"device\":\"another\",\"user\":\"root\",\"nothing\":1,\"x\":1}")))
                .isEqualTo("{\"x\":1,\"topic\":\"sensors/1\",\"device\":\"c-1\",\"receivedAt\":1772600767890,"
                        + "\"site\":\"north\"}");
    }

    @Test
    void fields_are_added_to_an_object_only() {
        assertThatThrownBy(() -> value(options(Optional.empty(), ADDED), "[1]"))
                .hasMessageContaining("its payload is not a JSON object");
        assertThatThrownBy(() -> ValueFormat.JSON.maker(options(schema("\"int\""), ADDED)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it does not describe an object");
    }

    @Test
    void what_is_added_stands_behind_the_fields_of_the_schema_and_may_not_have_their_names() throws Exception {
        SchemaAndValue value =
                value(options(schema(record("x")), ADDED), "{\"x\":1,\"device\":\"another\",\"y\":true}");

        assertThat(json(value))
                .isEqualTo("{\"x\":1,\"topic\":\"sensors/1\",\"device\":\"c-1\",\"user\":null,"
                        + "\"receivedAt\":1772600767890,\"site\":\"north\",\"nothing\":null,"
                        + "\"unknown_fields\":{\"/device\":\"\\\"another\\\"\",\"/y\":\"true\"}}");
        assertThatThrownBy(() -> ValueFormat.JSON.maker(options(schema(record("device")), ADDED)))
                .hasMessage("the field device would be added to the value, which has one of that name already");
    }

    @Test
    void every_field_that_may_be_added_fits_its_schema() throws Exception {
        AddedFields all = new AddedFields(
                List.of(MessageField.values()).stream()
                        .map(field -> new Named(field.word(), field))
                        .toList(),
                List.of());

        assertThat(json(value(options(schema(record("x")), all), "{\"x\":1}")))
                .isEqualTo("{\"x\":1,\"topic\":\"sensors/1\",\"clientId\":\"c-1\",\"username\":null,"
                        + "\"timestamp\":1772600767890,\"qos\":1,\"retained\":false,\"duplicate\":false,"
                        + "\"kind\":\"publish\",\"contentType\":null,\"responseTopic\":null,\"properties\":{\"a\":\"2\"},"
                        + "\"element\":null,\"buffer\":\"f0e1d2c3\",\"position\":42,\"unknown_fields\":null}");
    }

    private static String record(String field) {
        return "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"" + field + "\",\"type\":\"int\"}]}";
    }

    private static Optional<PayloadSchema> schema(String document) {
        return Optional.of(PayloadSchema.of(document, UnknownFields.KEEP));
    }

    private static ValueOptions options(Optional<PayloadSchema> schema, AddedFields added) {
        return new ValueOptions(
                new EnvelopeNames("mqtt", "default", added.texts()), schema, Optional.empty(), Optional.empty(), added);
    }

    private static SchemaAndValue value(ValueOptions options, String payload) throws UnmappableException {
        return ValueFormat.JSON
                .maker(options)
                .value(
                        MessageBuilder.to("sensors/1")
                                .from("c-1")
                                .property("a", "1")
                                .property("a", "2")
                                .payload(payload)
                                .source(Optional.empty(), "north", ""),
                        new HeaderWriter(HeaderWriter.Form.PLAIN));
    }

    private static String json(SchemaAndValue value) {
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", "false"), false);
            return new String(converter.fromConnectData("iot", value.schema(), value.value()), UTF_8);
        }
    }
}
