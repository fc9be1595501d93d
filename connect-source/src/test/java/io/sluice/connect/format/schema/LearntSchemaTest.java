package io.sluice.connect.format.schema;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import io.apicurio.registry.utils.converter.avro.AvroData;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.json.JsonPayload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A schema that grows with the payloads that it has seen. */
class LearntSchemaTest {

    private static final int MOST_FIELDS = 12;

    @TempDir
    private Path folder;

    private LearntSchema learnt = learnt(UnknownFields.REFUSE);

    private static LearntSchema learnt(UnknownFields unknown) {
        return new LearntSchema(SchemaFile.none(), unknown, MOST_FIELDS, Set.of("topic"));
    }

    private LearntSchema kept() {
        return new LearntSchema(SchemaFile.at(path()), UnknownFields.REFUSE, MOST_FIELDS, Set.of());
    }

    private Path path() {
        return folder.resolve("of/connector.route.json");
    }

    @Test
    void fields_are_added_as_they_come_and_all_are_optional() throws UnmappableException {
        SchemaAndValue first = value("{\"id\":\"s-1\",\"ok\":true,\"nothing\":null,\"none\":[]}");
        SchemaAndValue second = value("{\"n\":1,\"at\":{\"lat\":52.5,\"tags\":[\"a\"]},\"samples\":[1,2.5]}");

        assertThat(first.schema().fields()).extracting(Field::name).containsExactly("id", "ok");
        assertThat(second.schema().fields())
                .extracting(field -> field.name() + " " + field.schema().type() + " "
                        + field.schema().isOptional())
                .containsExactly(
                        "id STRING true", "ok BOOLEAN true", "n INT64 true", "at STRUCT true", "samples ARRAY true");
        Struct struct = (Struct) second.value();
        assertThat(struct.get("id")).isNull();
        assertThat(struct.getStruct("at").getFloat64("lat")).isEqualTo(52.5);
        assertThat(struct.getStruct("at").getArray("tags")).isEqualTo(List.of("a"));
        assertThat(struct.getArray("samples")).isEqualTo(List.of(1.0, 2.5));
    }

    @Test
    void what_has_nothing_new_has_the_same_schema() throws UnmappableException {
        PayloadSchema before = learnt.with(json("{\"id\":\"s-1\",\"list\":[{\"x\":1}]}"));
        learnt.keep();

        assertThat(learnt.with(json("{\"list\":[{\"x\":2},{}],\"id\":null,\"other\":{}}")))
                .isSameAs(before);
    }

    @Test
    void an_int64_becomes_a_float64_and_never_again_an_int64() throws UnmappableException {
        assertThat(type("{\"n\":1}")).isEqualTo(Schema.Type.INT64);
        assertThat(type("{\"n\":9223372036854775807}")).isEqualTo(Schema.Type.INT64);
        assertThat(type("{\"n\":1.0}")).isEqualTo(Schema.Type.FLOAT64);
        assertThat(type("{\"n\":1}")).isEqualTo(Schema.Type.FLOAT64);
        learnt = learnt(UnknownFields.REFUSE);
        assertThat(type("{\"n\":9223372036854775808}")).as("too large").isEqualTo(Schema.Type.FLOAT64);
    }

    @Test
    void fields_that_are_not_learnt_cost_no_look_at_each_that_is() throws UnmappableException {
        learnt = new LearntSchema(SchemaFile.none(), UnknownFields.DROP, 2_000, Set.of());
        StringBuilder fields = new StringBuilder("{\"a_0\":0");
        for (int i = 1; i < 1_500; i++) {
            fields.append(",\"a_").append(i).append("\":0");
        }
        learnt.with(json(fields + "}"));
        learnt.keep();
        for (char sign = '\u2190'; sign < '\u21ff'; sign++) {
            for (int i = 0; i < 500; i++) {
                fields.append(",\"a").append(sign).append(i).append("\":0");
            }
        }
        JsonNode many = json(fields + "}");
        PayloadSchema before = learnt.schema();

        assertTimeoutPreemptively(
                Duration.ofSeconds(20), () -> assertThat(learnt.with(many)).isSameAs(before));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"a":1}             | {"b":2,"a":"x"}      | its payload has a text at /a, where value.schema has an int64
            {"a":"x"}           | {"b":2,"a":1}        | its payload has a number at /a, where value.schema has a string
            {"a":1.5}           | {"b":2,"a":true}     | its payload has a truth value at /a, where value.schema has a float64
            {"a":{"x":1}}       | {"b":2,"a":[]}       | its payload has a list at /a, where value.schema has an object
            {"a":[1]}           | {"b":2,"a":{"x":1}}  | its payload has an object at /a, where value.schema has a list
            {"a":[{"x":1}]}     | {"a":[{"x":{}}]}     | its payload has an object at /a/0/x, where value.schema has an int64
            {"a":1}             | {"b":[1,"x"]}        | its payload has a text at /b/1, where value.schema has an int64
            {"a":1}             | [1]                  | its payload is a list, and value.schema=infer learns the fields of objects
            {"a":1}             | {"topic":1}          | its payload has a field at /topic that value.schema=infer does not learn: a field topic is added to records
            {"a-b":1}           | {"b":1,"a_b":1}      | its payload has a field at /a_b that value.schema=infer does not learn: it would be called a_b in records, as another one is
            """)
    void what_does_not_fit_is_said_with_its_place_and_changes_nothing(String first, String second, String sentence)
            throws UnmappableException {
        PayloadSchema before = learnt.with(json(first));
        learnt.keep();

        assertThatThrownBy(() -> value(second))
                .isInstanceOf(UnmappableException.class)
                .hasMessage(sentence);
        assertThat(learnt.with(json(first))).isSameAs(before);
    }

    @Test
    void what_is_not_kept_is_not_learnt() throws Exception {
        learnt = kept();
        value("{\"n\":1}");

        assertThat(learnt.with(json("{\"n\":1,\"new\":[{\"x\":1}]}"))
                        .read(json("{\"n\":1}"))
                        .schema()
                        .fields())
                .hasSize(2);
        assertThat(value("{\"n\":2}").schema().fields()).extracting(Field::name).containsExactly("n");
        assertThat(path()).content().doesNotContain("new");
        assertThat(value("{\"new\":\"x\"}").schema().field("new").schema().type())
                .as("of another type than in what was not kept")
                .isEqualTo(Schema.Type.STRING);
    }

    @Test
    void after_a_payload_that_is_refused_in_the_middle_the_next_is_learnt_as_if_it_had_not_been()
            throws UnmappableException {
        value("{\"a\":[{\"x\":1}]}");
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> value("{\"a\":[{\"x\":1,\"y\":2},{\"y\":\"text\"}],\"b\":true}"))
                    .hasMessageContaining("at /a/1/y");
        }

        SchemaAndValue next = value("{\"a\":[{\"x\":2,\"y\":\"text\"}],\"b\":{\"c\":1}}");
        assertThat(next.value()).hasToString("Struct{a=[Struct{x=2,y=text}],b=Struct{c=1}}");
        for (int i = 0; i < MOST_FIELDS - 5; i++) {
            value("{\"more" + i + "\":1}");
        }
        assertThatThrownBy(() -> value("{\"one\":1}")).hasMessageContaining("max.fields, 12");
    }

    @Test
    void whoever_makes_up_names_uses_up_the_fields_that_there_may_be_and_no_more() throws UnmappableException {
        value("{\"id\":1,\"at\":{\"lat\":1}}");
        int refused = 0;
        for (int i = 0; i < 100; i++) {
            try {
                value("{\"id\":1,\"x" + i + "\":{\"y\":1}}");
            } catch (UnmappableException e) {
                refused++;
                assertThat(e).hasMessageEndingWith("it has reached value.schema.infer.max.fields, 12");
            }
        }

        assertThat(refused).isGreaterThan(94);
        SchemaAndValue known = value("{\"id\":2,\"at\":{\"lat\":2.5},\"empty\":null}");
        assertThat(((Struct) known.value()).getInt64("id")).isEqualTo(2);
        assertThat(known.schema().fields()).hasSizeLessThanOrEqualTo(MOST_FIELDS);
    }

    @Test
    void what_is_nested_too_deep_or_has_too_long_a_name_is_not_learnt() throws UnmappableException {
        String deep = "{\"o\":".repeat(11) + "1" + "}".repeat(11);
        String lists = "{\"l\":" + "[".repeat(900) + "1" + "]".repeat(900) + "}";
        String longName = "{\"" + "n".repeat(101) + "\":1}";

        for (String payload : List.of(deep, lists, longName)) {
            assertThatThrownBy(() -> value(payload))
                    .isInstanceOf(UnmappableException.class)
                    .hasMessageContaining("that value.schema=infer does not learn: it");
        }
        learnt = learnt(UnknownFields.DROP);
        for (String payload : List.of(deep, lists, longName)) {
            assertThat(((Struct) value(payload).value()).schema().fields()).hasSizeLessThan(2);
        }
    }

    @Test
    void objects_have_names_of_their_own_whatever_devices_call_their_fields() throws UnmappableException {
        Schema schema = value("{\"a\":{\"b_c\":{\"x\":1}},\"a_b\":{\"c\":{\"y\":1}},\"1 ü\":{\"z\":1}}")
                .schema();

        assertThat(new org.apache.avro.Schema.Parser()
                        .parse(avro(schema).toString())
                        .getFields())
                .hasSize(3);
    }

    @Test
    void it_goes_on_where_it_was_after_a_restart() throws Exception {
        learnt = kept();
        value("{\"n\":1,\"at\":{\"lat\":1}}");
        Schema before = value("{\"n\":1.5}").schema();

        learnt = kept();
        assertThat(value("{\"n\":1}").schema()).isEqualTo(before);
        assertThat(value("{\"more\":1}").schema().fields())
                .extracting(Field::name)
                .containsExactly("n", "at", "more");
        assertThat(path().getParent().toFile().list()).containsExactly("connector.route.json");
        Files.writeString(path(), "{");
        assertThatThrownBy(this::kept)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("what is in " + path() + " is no JSON Schema of an object");
    }

    @Test
    void what_cannot_be_kept_is_not_learnt_and_costs_the_messages_that_need_it() throws Exception {
        learnt = kept();
        value("{\"n\":1}");
        Files.move(path().getParent(), folder.resolve("away"));
        Files.createFile(path().getParent());

        assertThatThrownBy(() -> value("{\"n\":1,\"new\":1}"))
                .isInstanceOf(UnmappableException.class)
                .hasMessageContaining("the learnt schema cannot be written to " + path());
        assertThat(((Struct) value("{\"n\":2}").value()).getInt64("n")).isEqualTo(2);

        Files.delete(path().getParent());
        Files.move(folder.resolve("away"), path().getParent());
        assertThat(value("{\"new\":1}").schema().fields()).hasSize(2);
    }

    @Test
    void a_file_that_was_written_by_hand_keeps_what_it_says_beyond_that() throws Exception {
        Files.createDirectories(path().getParent());
        Files.writeString(path(), """
                {"$schema":"x","title":"org.acme.Reading","type":"object","properties":{
                  "time":{"type":"string","format":"date-time"},
                  "tags":{"type":"object","additionalProperties":{"type":"string"}}}}""");
        learnt = kept();

        SchemaAndValue value = value("{\"time\":\"2026-03-04T05:06:07Z\",\"tags\":{\"any\":\"x\"},\"new\":{\"x\":1}}");

        assertThat(value.schema().name()).isEqualTo("org.acme.Reading");
        assertThat(value.schema().field("new").schema().name()).isEqualTo("org.acme.Reading.new");
        assertThat(value.schema().field("tags").schema().type()).isEqualTo(Schema.Type.MAP);
    }

    @Test
    void each_version_reads_what_those_before_it_have_written_and_so_does_one_that_has_begun_anew()
            throws UnmappableException {
        Random random = new Random(25);
        List<org.apache.avro.Schema> versions = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            try {
                org.apache.avro.Schema version = avro(value(object(random, 0)).schema());
                if (!versions.contains(version)) {
                    versions.add(version);
                }
            } catch (UnmappableException e) {
                assertThat(e.getMessage()).contains("value.schema");
            }
        }

        assertThat(versions).hasSizeBetween(5, 2 * MOST_FIELDS);
        for (int old = 0; old < versions.size(); old++) {
            for (int now = old; now < versions.size(); now++) {
                assertThat(reads(versions.get(now), versions.get(old))).isTrue();
            }
        }
        learnt = learnt(UnknownFields.REFUSE);
        org.apache.avro.Schema anew = avro(value("{\"whole\":1}").schema());
        assertThat(reads(anew, avro(value("{\"other\":\"x\"}").schema())))
                .as("fewer fields")
                .isTrue();
        org.apache.avro.Schema fraction = avro(value("{\"whole\":1.5}").schema());
        assertThat(reads(fraction, anew)).isTrue();
        assertThat(reads(anew, fraction)).as("why it is kept").isFalse();
    }

    private static boolean reads(org.apache.avro.Schema reader, org.apache.avro.Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                        .getType()
                == SchemaCompatibilityType.COMPATIBLE;
    }

    /** Names are of one type mostly: {@code i} is a number. */
    private static String object(Random random, int level) {
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            switch (random.nextInt(5)) {
                case 0 -> fields.add("\"i" + random.nextInt(3) + "\":" + random.nextInt(9));
                case 1 -> fields.add("\"i" + random.nextInt(3) + "\":" + random.nextInt(9) + ".5");
                case 2 -> fields.add("\"s" + random.nextInt(2) + "\":\"x\"");
                case 3 -> fields.add("\"l\":[" + random.nextInt(9) + "]");
                default -> fields.add(level > 1 ? "\"b\":true" : "\"o\":" + object(random, level + 1));
            }
        }
        return "{" + String.join(",", fields) + "}";
    }

    private static org.apache.avro.Schema avro(Schema schema) {
        return new AvroData(10).fromConnectSchema(schema);
    }

    private Schema.Type type(String payload) throws UnmappableException {
        return value(payload).schema().field("n").schema().type();
    }

    private SchemaAndValue value(String payload) throws UnmappableException {
        SchemaAndValue value = learnt.with(json(payload)).read(json(payload));
        learnt.keep();
        return value;
    }

    private static JsonNode json(String text) {
        return JsonPayload.of(text.getBytes(UTF_8)).root().orElseThrow();
    }
}
