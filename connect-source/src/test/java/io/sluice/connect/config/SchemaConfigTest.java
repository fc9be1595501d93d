package io.sluice.connect.config;

import static io.sluice.connect.config.Written.config;
import static io.sluice.connect.config.Written.mistakes;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connect.MessageBuilder;
import io.sluice.connect.format.AliasNames;
import io.sluice.connect.format.MessageId;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.route.MessageFields;
import io.sluice.message.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a configuration says of the fields of values. */
class SchemaConfigTest {

    private static final String SCHEMA =
            "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"topic\",\"type\":\"int\"}]}";

    @TempDir
    private Path folder;

    @Test
    void a_schema_stands_in_the_configuration_or_in_a_file() throws IOException {
        Path file = Files.writeString(folder.resolve("reading.avsc"), SCHEMA);

        assertThat(mistakes("value.format", "json", "value.schema", SCHEMA)).isEmpty();
        assertThat(mistakes("value.format", "json", "value.schema.file", file.toString()))
                .isEmpty();
        assertThat(mistakes("value.format", "json", "value.schema", SCHEMA, "value.schema.file", file.toString()))
                .containsExactly(Map.entry(
                        "value.schema.file",
                        "value.schema and value.schema.file are both set: leave one of them out."));
    }

    @Test
    void a_schema_that_cannot_be_read_is_refused_in_a_sentence() throws IOException {
        Path missing = folder.resolve("missing.avsc");
        Path broken = Files.writeString(folder.resolve("broken.avsc"), "{\"type\":\"reading\"}");

        assertThat(mistakes("value.format", "json", "value.schema.file", missing.toString()))
                .hasEntrySatisfying(
                        "value.schema.file",
                        sentence -> assertThat(sentence)
                                .startsWith("value.schema.file cannot be used: the file " + missing
                                        + " cannot be read as text on this worker: "));
        assertThat(mistakes("value.format", "json", "value.schema.file", broken.toString()))
                .hasEntrySatisfying(
                        "value.schema.file",
                        sentence -> assertThat(sentence)
                                .startsWith("value.schema.file cannot be used: it is no Avro schema: "));
        assertThat(mistakes("value.format", "json", "value.schema", "{\"type\":\"object\"}"))
                .hasEntrySatisfying(
                        "value.schema",
                        sentence -> assertThat(sentence)
                                .isEqualTo(
                                        "Invalid value {\"type\":\"object\"} for configuration value.schema: it has an"
                                                + " object without properties in Value: name them, or the type of its"
                                                + " additionalProperties"));
    }

    @ParameterizedTest
    @CsvSource({
        "value.schema.unknown, keep, value.schema.unknown has no effect without a schema: set value.schema.file",
        "value.include, phase, there is no field phase; there are topic",
        "value.include, 1=topic, 'the name 1 of a field is made of letters, digits and _'",
        "metadata.my-site, x, 'metadata.my-site names a field of the value: it is made of letters, digits and _'"
    })
    void what_is_added_is_checked(String key, String value, String sentence) {
        assertThat(mistakes("value.format", "json", key, value))
                .hasEntrySatisfying(key, told -> assertThat(told).contains(sentence));
    }

    @Test
    void what_is_added_has_another_name_than_the_fields_of_the_schema() {
        assertThat(mistakes("value.format", "json", "value.schema", SCHEMA, "value.include", "topic"))
                .containsExactly(Map.entry(
                        "value.schema",
                        "value.schema cannot be used: the field topic would be added to the value, which has one"
                                + " of that name already."));
        assertThat(mistakes("value.format", "json", "value.schema", SCHEMA, "value.include", "mqtt_topic=topic,qos"))
                .isEmpty();
        assertThat(mistakes("value.format", "json", "value.include", "topic", "metadata.site", "{topic[0]}"))
                .isEmpty();
    }

    @Test
    void a_schema_goes_with_json_only_and_routes_inherit_it() {
        assertThat(mistakes("value.schema", SCHEMA))
                .containsExactly(Map.entry(
                        "value.schema",
                        "value.schema has no effect with value.format=bytes: set value.format=json, or leave it out."));
        String[] routes = {
            "routes", "a,b",
            "value.format", "json",
            "value.schema", SCHEMA,
            "route.a.topic.filters", "a/#",
            "route.b.topic.filters", "b/#",
            "route.b.value.format", "bytes"
        };
        assertThat(mistakes(routes)).isEmpty();
        assertThat(config(routes).routes().takers("a/1")).hasSize(1);
    }

    @Test
    void a_route_leaves_out_or_replaces_the_schema_that_it_would_inherit() throws Exception {
        Path file = Files.writeString(folder.resolve("b.avsc"), SCHEMA.replace("topic", "other"));
        SourceConfig config = config(
                "routes", "a,b,c",
                "value.format", "json",
                "value.schema", SCHEMA,
                "value.include", "qos",
                "route.a.topic.filters", "a/#",
                "route.a.value.schema", "",
                "route.a.value.include", " ",
                "route.b.topic.filters", "b/#",
                "route.b.value.schema.file", file.toString(),
                "route.c.topic.filters", "c/#");

        assertThat(value(config, "a", "{\"x\":1}").schema()).isNull();
        assertThat(value(config, "a", "{\"x\":1}").value()).isEqualTo(Map.of("x", 1L));
        assertThat(value(config, "b", "{\"other\":1}").schema().fields())
                .extracting(Field::name)
                .containsExactly("other", "qos");
        assertThat(value(config, "c", "{\"topic\":1}").schema().fields())
                .extracting(Field::name)
                .containsExactly("topic", "qos");
    }

    @Test
    void only_a_route_leaves_out_what_it_would_inherit() {
        assertThat(mistakes("value.format", "json", "value.schema", "")).containsOnlyKeys("value.schema");
        assertThat(mistakes("routes", "a", "route.a.topic.filters", "#", "route.a.value.format", ""))
                .containsOnlyKeys("route.a.value.format");
        assertThat(mistakes(
                        "routes", "a",
                        "value.format", "json",
                        "value.schema", SCHEMA,
                        "value.converter", "io.confluent.connect.avro.AvroConverter",
                        "route.a.topic.filters", "#",
                        "route.a.value.schema", ""))
                .containsOnlyKeys("route.a.value.format");
    }

    @Test
    void a_converter_fits_a_schema_that_the_route_inherits() {
        assertThat(mistakes(
                        "routes", "a",
                        "value.format", "json",
                        "value.schema", SCHEMA,
                        "value.converter", "io.confluent.connect.avro.AvroConverter",
                        "route.a.topic.filters", "#"))
                .isEmpty();
    }

    @Test
    void a_schema_that_is_learnt_has_a_folder_one_task_and_a_converter_that_takes_it() {
        String dir = folder.toString();
        assertThat(mistakes("value.format", "json", "value.schema", "infer", "value.schema.infer.dir", dir))
                .isEmpty();
        assertThat(mistakes("value.format", "json", "value.schema", "infer"))
                .containsExactly(Map.entry(
                        "value.schema.infer.dir",
                        "value.schema.infer.dir is missing, and value.schema=infer asks for it: name a folder that"
                                + " outlives the worker."));
        assertThat(mistakes("value.format", "json", "value.schema.infer.max.fields", "3"))
                .containsExactly(Map.entry(
                        "value.schema.infer.max.fields",
                        "value.schema.infer.max.fields has no effect without value.schema=infer: set that, or leave it"
                                + " out."));
        assertThat(mistakes(
                        "value.format",
                        "json",
                        "value.schema",
                        "infer",
                        "value.schema.infer.dir",
                        dir,
                        "value.converter",
                        "io.confluent.connect.protobuf.ProtobufConverter"))
                .hasEntrySatisfying(
                        "value.schema", sentence -> assertThat(sentence).contains("from int64 to float64"));
        assertThat(config(
                                "routes", "a,b",
                                "value.format", "json",
                                "value.schema", "infer",
                                "value.schema.infer.dir", dir,
                                "route.a.topic.filters", "a/#",
                                "route.b.topic.filters", "b/#",
                                "route.b.value.schema", SCHEMA)
                        .routes()
                        .takers("a/1"))
                .hasSize(1);
    }

    private static SchemaAndValue value(SourceConfig config, String topic, String payload) throws UnmappableException {
        Message message = MessageBuilder.to(topic + "/1").payload(payload).build();
        return config.routes()
                .takers(message.topic())
                .get(0)
                .map(new MessageFields(message, new MessageId("b", 0), AliasNames.NONE))
                .value();
    }

    @ParameterizedTest
    @CsvSource({
        "value.split, readings, it is neither none nor root",
        "value.split.max, 0, Value must be at least 1",
        "kafka.key.field.a-b, x, kafka.key.field.a-b names a field of the key: it is made of letters",
        "kafka.key.field.a, {x}, there is no placeholder {x}"
    })
    void arrays_and_keys_with_fields_are_checked(String key, String value, String sentence) {
        assertThat(mistakes(key, value))
                .hasEntrySatisfying(key, told -> assertThat(told).contains(sentence));
    }

    @Test
    void protobuf_has_a_descriptor_file_and_a_message() throws IOException {
        Path file = Files.write(folder.resolve("empty.desc"), new byte[0]);
        String[] right = {
            "value.format", "protobuf",
            "value.protobuf.descriptor.file", file.toString(),
            "value.protobuf.message", "acme.Reading"
        };

        assertThat(mistakes(right))
                .containsExactly(Map.entry(
                        "value.protobuf.descriptor.file",
                        "value.protobuf.descriptor.file cannot be used: it describes no message acme.Reading: the"
                                + " name has its package, as in acme.Reading."));
        assertThat(mistakes("value.format", "protobuf"))
                .containsEntry(
                        "value.protobuf.message",
                        "value.protobuf.message is missing, and value.format=protobuf asks for it.")
                .containsKey("value.protobuf.descriptor.file");
        assertThat(mistakes("value.format", "json", "value.protobuf.message", "acme.Reading"))
                .containsEntry(
                        "value.protobuf.message",
                        "value.protobuf.message has no effect without value.format=protobuf: set that, or leave it out.");
        assertThat(mistakes("value.format", "protobuf", "value.split", "root"))
                .containsEntry(
                        "value.split",
                        "value.split splits payloads of JSON, and value.format is protobuf: leave one of them out.");
    }

    @Test
    void keys_with_fields_need_a_converter_that_takes_them() {
        String text = "org.apache.kafka.connect.storage.StringConverter";
        assertThat(mistakes("kafka.key.field.id", "{json:/id}", "key.converter", text))
                .containsExactly(Map.entry(
                        "kafka.key.field.id",
                        "kafka.key.field.id makes keys with fields, and key.converter=" + text
                                + " cannot pass these on"
                                + " unchanged: set key.converter=org.apache.kafka.connect.json.JsonConverter."));
        assertThat(mistakes("kafka.key.field.id", "{json:/id}", "key.converter", "JsonConverter"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'array','items':['null','int']}",
                "{'type':'map','values':['null','string']}",
                "{'type':'map','values':{'type':'map','values':['string','null']}}"
            })
    void lists_and_maps_of_values_that_may_be_null_are_not_for_the_converter_for_protobuf(String type) {
        String schema = ("{'type':'record','name':'R','fields':[{'name':'a','type':" + type + "}]}").replace('\'', '"');
        String protobuf = "io.confluent.connect.protobuf.ProtobufConverter";
        String avro = "io.confluent.connect.avro.AvroConverter";

        assertThat(mistakes("value.format", "json", "value.schema", schema, "value.converter", avro))
                .isEmpty();
        assertThat(mistakes("value.format", "json", "value.schema", schema, "value.converter", protobuf))
                .containsExactly(Map.entry(
                        "value.schema",
                        "value.schema has a list or a map of values that may be null, and value.converter=" + protobuf
                                + " fails at null there: take null out of the type of these values, or set"
                                + " value.converter=" + avro + "."));
    }

    @ParameterizedTest
    @CsvSource({
        "io.confluent.connect.avro.AvroConverter",
        "io.confluent.connect.protobuf.ProtobufConverter",
        "io.confluent.connect.json.JsonSchemaConverter"
    })
    void converters_that_need_a_schema_have_one(String converter) {
        assertThat(mistakes("value.format", "json", "value.schema", SCHEMA, "value.converter", converter))
                .isEmpty();
        assertThat(mistakes("value.format", "json", "value.converter", converter))
                .containsExactly(Map.entry(
                        "value.format",
                        "value.format is json without value.schema, and value.converter=" + converter
                                + " cannot pass these on unchanged: set"
                                + " value.converter=org.apache.kafka.connect.json.JsonConverter."));
    }
}
