package io.sluice.connect.format.schema;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.apicurio.registry.utils.converter.avro.AvroData;
import io.sluice.connect.format.ConvertedSize;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.json.JsonPayload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Payloads read with the Avro schema and the JSON Schema beside this test. */
class PayloadSchemaTest {

    private static final String AVRO = "reading.avsc";
    private static final String JSON_SCHEMA = "reading.schema.json";

    @ParameterizedTest
    @ValueSource(strings = {AVRO, JSON_SCHEMA})
    void a_payload_becomes_the_struct_that_its_schema_says(String schema) throws Exception {
        SchemaAndValue value = read(file("schema/" + schema), UnknownFields.DROP, file("reading.json"));

        assertThat(value.schema().name()).isEqualTo("org.acme.Reading");
        assertThat(value.schema().doc()).isEqualTo("What a sensor says.");
        assertThat(value.schema().field("temperature").schema().doc()).isEqualTo("In degrees Celsius.");
        assertThat(value.schema().field("count").schema().defaultValue()).isEqualTo(1);
        assertThat(value.schema().field("position").schema().name()).isEqualTo("org.acme.Position");
        assertThat(value.schema().field("position").schema().isOptional()).isTrue();
        assertThat(((Struct) value.value()).get("price")).isEqualTo(new BigDecimal("19.90"));
        assertThat(json(value, false)).isEqualTo(file("reading-typed.json"));
    }

    @Test
    void both_kinds_of_schema_make_the_same_types() throws Exception {
        Schema avro = read(file("schema/" + AVRO), UnknownFields.DROP, file("reading.json"))
                .schema();
        Schema json = read(file("schema/" + JSON_SCHEMA), UnknownFields.DROP, file("reading.json"))
                .schema();

        assertThat(json).isEqualTo(avro);
    }

    @ParameterizedTest
    @ValueSource(strings = {AVRO, JSON_SCHEMA})
    void what_may_be_missing_has_its_default_or_is_null(String schema) throws Exception {
        String least = "{\"id\":\"s-1\",\"time\":1772600767890,\"temperature\":21,\"position\":null}";

        assertThat(json(read(file("schema/" + schema), UnknownFields.DROP, least), false))
                .isEqualTo("{\"id\":\"s-1\",\"time\":1772600767890,\"temperature\":21.0,\"price\":null,\"unit\":\"C\","
                        + "\"count\":1,\"position\":null,\"samples\":[],\"tags\":{},\"day\":null,\"raw\":null}");
    }

    @ParameterizedTest
    @ValueSource(strings = {AVRO, JSON_SCHEMA})
    void a_struct_makes_its_way_through_the_converter_for_avro_and_back(String schema) throws Exception {
        SchemaAndValue value = read(file("schema/" + schema), UnknownFields.DROP, file("reading.json"));
        AvroData avro = new AvroData(10);
        org.apache.avro.Schema written = avro.fromConnectSchema(value.schema());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<>(written).write(avro.fromConnectData(value.schema(), value.value()), encoder);
        encoder.flush();

        Object read = new GenericDatumReader<>(written)
                .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
        Struct struct = (Struct) avro.toConnectData(written, read).value();

        assertThat(written.getFullName()).isEqualTo("org.acme.Reading");
        assertThat(struct.get("price")).isEqualTo(new BigDecimal("19.90"));
        assertThat(struct.getStruct("position").get("lat")).isEqualTo(52.52);
        assertThat(struct.getMap("tags")).isEqualTo(Map.of("site", "north"));
        assertThat(struct.get("day")).isEqualTo(((Struct) value.value()).get("day"));
        assertThat(ConvertedSize.AS_IS.of(value)).isGreaterThanOrEqualTo(bytes.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {AVRO, JSON_SCHEMA})
    void a_value_is_never_measured_shorter_than_it_is_converted(String schema) throws Exception {
        SchemaAndValue value = read(file("schema/" + schema), UnknownFields.DROP, file("reading.json"));

        assertThat(ConvertedSize.JSON.of(value))
                .isBetween(
                        (long) json(value, false).length(),
                        3L * json(value, false).length());
        assertThat(ConvertedSize.JSON_WITH_SCHEMA.of(value))
                .isGreaterThanOrEqualTo(json(value, true).length());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '\0',
            value = {
                "\"int\"; 1; 1",
                "\"int\"; 1.0; 1",
                "\"int\"; 1e3; 1000",
                "\"int\"; 2147483648; !a number out of range, where value.schema has an int32",
                "\"int\"; 1.5; !a number that is out of range or has a fraction",
                "\"int\"; 1e999999999; !a number that is out of range",
                "\"int\"; 1e-999999999; !a number that is out of range",
                "\"int\"; \"1\"; !its payload is a text, where value.schema has an int32",
                "\"long\"; 9223372036854775807; 9223372036854775807",
                "\"long\"; 9223372036854775808; !a number out of range, where value.schema has an int64",
                "\"long\"; NaN; !a number that is not finite",
                "\"float\"; 1e39; !a number out of range, where value.schema has a float32",
                "\"double\"; 21.123456789012345678; 21.123456789012344",
                "\"double\"; 1e400; !a number out of range",
                "\"double\"; -Infinity; -Infinity",
                "\"boolean\"; true; true",
                "\"boolean\"; 1; !a number, where value.schema has a boolean",
                "\"string\"; null; !its payload is null, where value.schema has a string",
                "\"string\"; \"\\ud800\"; ?",
                "\"bytes\"; \"%\"; !a text that is no base64",
                "{\"type\":\"fixed\",\"name\":\"f\",\"size\":2}; \"AQ==\"; !1 bytes, where value.schema has 2 bytes",
                "{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\",\"B\"]}; \"C\"; !another text, where value.schema has one of A, B",
                "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":5,\"scale\":2}; 123.4; 123.40",
                "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":5,\"scale\":2}; \"123.40000\"; 123.40",
                "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":5,\"scale\":2}; 1234; !a number with too many digits before the point",
                "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":5,\"scale\":2}; 1.234; !a number with too many digits after the decimal point, where value.schema has a decimal of 5 digits, 2 of them after the decimal point",
                "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":5,\"scale\":2}; 1e999999999; !too many digits before",
                "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":5,\"scale\":2}; -0.0e-999999999; 0.00",
                "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":5,\"scale\":2}; \"x\"; !a text that is no number",
                "{\"type\":\"int\",\"logicalType\":\"date\"}; \"+999999999-12-31\"; !another text, where value.schema has a date",
                "{\"type\":\"int\",\"logicalType\":\"date\"}; 2147483648; !another number",
                "{\"type\":\"int\",\"logicalType\":\"date\"}; 2932897; !another number",
                "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}; 253402300800000; !another number",
                "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}; \"0000-12-31T23:59:59Z\"; !another text",
                "{\"type\":\"int\",\"logicalType\":\"time-millis\"}; 86400000; !another number, where value.schema has a time of day",
                "{\"type\":\"int\",\"logicalType\":\"time-millis\"}; \"24:00:00\"; !another text, where value.schema has a time of day",
                "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}; \"yesterday\"; !another text, where value.schema has a time such as",
                "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}; \"+999999999-12-31T23:59:59\"; !another text",
                "{\"type\":\"array\",\"items\":\"int\"}; [1,2]; [1, 2]",
                "{\"type\":\"array\",\"items\":\"int\"}; [1,\"2\"]; !its payload has a text at /1, where value.schema has an int32",
                "{\"type\":\"map\",\"values\":\"int\"}; {\"a/b\":true}; !its payload has a truth value at /a~1b, where value.schema has an int32",
                "[\"null\",\"int\"]; {}; !its payload is an object, where value.schema has an int32",
            })
    void a_value_that_does_not_fit_is_named_by_place_and_type(String schema, String payload, String expected)
            throws Exception {
        if (expected.startsWith("!")) {
            assertThatThrownBy(() -> read(schema, UnknownFields.DROP, payload))
                    .isInstanceOf(UnmappableException.class)
                    .hasMessageContaining(expected.substring(1));
        } else {
            assertThat(read(schema, UnknownFields.DROP, payload).value()).hasToString(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"05:06:07", "05:06:07Z", "05:06:07.000z", "06:06:07+01:00", "18367000"})
    void a_time_of_day_may_have_an_offset_as_json_schema_asks_for(String time) throws Exception {
        SchemaAndValue value = read(
                "{\"type\":\"object\",\"properties\":{\"at\":{\"type\":\"string\",\"format\":\"time\"}}}",
                UnknownFields.DROP,
                time.contains(":") ? "{\"at\":\"" + time + "\"}" : "{\"at\":" + time + "}");

        assertThat(((Struct) value.value()).get("at")).isEqualTo(Date.from(Instant.ofEpochMilli(18_367_000)));
    }

    @Test
    void a_field_that_is_missing_is_named_with_its_path() throws Exception {
        assertThatThrownBy(() -> read(
                        file("schema/" + AVRO),
                        UnknownFields.DROP,
                        "{\"id\":\"s\",\"time\":1,\"temperature\":1,\"position\":{\"lat\":1}}"))
                .hasMessage("its payload has nothing at /position/lon, where value.schema has a float64");
    }

    @Test
    void unknown_fields_are_dropped_or_kept_or_refused() throws Exception {
        String schema = "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":"
                + "{\"type\":\"record\",\"name\":\"A\",\"fields\":[{\"name\":\"b\",\"type\":\"int\"}]}}]}";
        String payload = "{\"a\":{\"b\":1,\"c/d\":[1.50,{\"e\":null}]},\"f\":\"x\"}";

        assertThat(json(read(schema, UnknownFields.DROP, payload), false)).isEqualTo("{\"a\":{\"b\":1}}");
        PayloadSchema keeps = PayloadSchema.of(schema, UnknownFields.KEEP);
        Struct kept = keeps.read(JsonPayload.of(payload.getBytes(UTF_8)).root().orElseThrow(), keeps.with(none -> {}));
        assertThat(kept.getMap("unknown_fields")).isEqualTo(Map.of("/a/c~1d", "[1.50,{\"e\":null}]", "/f", "\"x\""));
        assertThatThrownBy(() -> read(schema, UnknownFields.REFUSE, payload))
                .hasMessage("its payload has a field at /a/c~1d that value.schema does not name, which"
                        + " value.schema.unknown=refuse refuses");
        assertThatThrownBy(() -> read(schema, UnknownFields.REFUSE, "{\"a\":{\"b\":1},\"x\\u2028\\u202ey\":1}"))
                .hasMessageStartingWith("its payload has a field at /x??y that");
    }

    @Test
    void a_payload_whose_structs_would_take_far_more_memory_than_itself_is_refused() throws Exception {
        String fields = IntStream.range(0, 1_000)
                .mapToObj(i -> "\"f" + i + "\":{\"type\":\"number\"}")
                .collect(Collectors.joining(","));
        PayloadSchema schema = PayloadSchema.of(
                "{\"$schema\":\"\",\"title\":\"Batch\",\"type\":\"object\",\"properties\":{\"rows\":{\"type\":\"array\",\"items\":"
                        + "{\"title\":\"Row\",\"type\":\"object\",\"properties\":{" + fields + "}}}}}",
                UnknownFields.DROP);

        assertThat(schema.read(rows(100)).value()).isInstanceOf(Struct.class);
        assertThatThrownBy(() -> schema.read(rows(10_000)))
                .isInstanceOf(UnmappableException.class)
                .hasMessageEndingWith("they would take more than 32 MiB of memory");
    }

    private static JsonNode rows(int count) {
        String payload = "{\"rows\":[{}" + ",{}".repeat(count - 1) + "]}";
        return JsonPayload.of(payload.getBytes(UTF_8)).root().orElseThrow();
    }

    @Test
    void what_is_kept_of_a_payload_has_a_bound() throws Exception {
        PayloadSchema keeps = PayloadSchema.of(
                "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"map\","
                        + "\"values\":{\"type\":\"record\",\"name\":\"A\",\"fields\":[]}}}]}",
                UnknownFields.KEEP);
        StringBuilder fields = new StringBuilder("\"0\":0");
        for (int i = 1; i < 1_000; i++) {
            fields.append(",\"").append(i).append("\":0");
        }
        String payload = "{\"a\":{\"" + "x".repeat(50_000) + "\":{" + fields + "}}}";
        JsonNode read = JsonPayload.of(payload.getBytes(UTF_8)).root().orElseThrow();

        assertThatThrownBy(() -> keeps.read(read, keeps.with(none -> {})))
                .hasMessage("its payload has more fields that value.schema does not name than value.schema.unknown=keep"
                        + " can keep");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '\0',
            value = {
                "{; it is no JSON",
                "\"integer\"; it is no Avro schema",
                "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":[\"int\",\"string\"]}]}; a union has null and one other type",
                "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":[\"null\",\"R\"]}]}; the record R contains itself",
                "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}; the logical type timestamp-micros",
                "\"null\"; the type null alone",
                "{\"type\":\"object\"}; it has an object without properties in Value",
                "{\"type\":\"object\",\"properties\":{\"a\":{}}}; it has no type in Value_a",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"enum\":[1,2]}}}; it has no type in Value_a",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"const\":true}}}; it has no type in Value_a",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":[\"string\",\"integer\"]}}}; it has the types string, integer in Value_a",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\"}}}; it has a list without items in Value_a",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"allOf\":[]}}}; it has allOf in Value_a",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}}}; outside the document",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/properties/a\"}}}; contains itself",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/b\"}}}; has no such part",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"number\"}]}}}; a choice of 2 types in Value_a",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\",\"default\":\"x\"}}}; the default of the field a is a text and no an int64",
                "{\"type\":\"object\",\"properties\":{\"a-b\":{\"type\":\"string\"},\"a.b\":{\"type\":\"string\"}}}; the field a.b would be called a_b in records",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"date\"}}}; it has the type date in Value_a",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\",\"connect.type\":\"int7\"}}}; the connect.type int7",
            })
    void a_schema_that_kafka_connect_has_no_types_for_is_refused_in_a_sentence(String schema, String sentence) {
        assertThatThrownBy(() -> PayloadSchema.of(schema, UnknownFields.DROP))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void names_are_made_such_as_avro_and_protobuf_take() throws Exception {
        String schema = "{\"type\":\"object\",\"title\":\"1st reading\",\"properties\":{\"temp-°C\":"
                + "{\"type\":\"object\",\"properties\":{\"0\":{\"type\":\"integer\"}}}}}";

        SchemaAndValue value = read(schema, UnknownFields.DROP, "{\"temp-°C\":{\"0\":7}}");

        assertThat(value.schema().name()).isEqualTo("_1st_reading");
        assertThat(value.schema().field("temp__C").schema().name()).isEqualTo("_1st_reading_temp__C");
        assertThat(((Struct) value.value()).getStruct("temp__C").get("_0")).isEqualTo(7L);
    }

    private static SchemaAndValue read(String schema, UnknownFields unknown, String payload)
            throws UnmappableException {
        return PayloadSchema.of(schema, unknown)
                .read(JsonPayload.of(payload.getBytes(UTF_8)).root().orElseThrow());
    }

    private static String json(SchemaAndValue value, boolean withSchema) {
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(
                    Map.of("schemas.enable", Boolean.toString(withSchema), "decimal.format", "NUMERIC"), false);
            return new String(converter.fromConnectData("iot", value.schema(), value.value()), UTF_8);
        }
    }

    private static String file(String name) throws IOException {
        try (InputStream file = PayloadSchemaTest.class.getResourceAsStream("/formats/" + name)) {
            return new String(file.readAllBytes(), UTF_8).stripTrailing();
        }
    }
}
