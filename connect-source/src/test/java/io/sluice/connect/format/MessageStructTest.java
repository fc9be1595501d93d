package io.sluice.connect.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.apicurio.registry.utils.converter.avro.AvroData;
import io.sluice.connect.MessageBuilder;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.Test;

class MessageStructTest {

    private static final MessageBuilder FULL = MessageBuilder.full().payload("{\"temperature\":25}");

    @Test
    void a_struct_has_every_field_of_a_message_and_converts_to_json_with_its_schema() throws Exception {
        SchemaAndValue value = value(FULL);
        ((Struct) value.value()).validate();

        try (JsonConverter converter = new JsonConverter();
                InputStream file = MessageStructTest.class.getResourceAsStream("/formats/struct.json")) {
            converter.configure(Map.of("schemas.enable", "true"), false);
            byte[] json = converter.fromConnectData("iot", value.schema(), value.value());
            assertThat(new String(json, UTF_8)).isEqualTo(new String(file.readAllBytes(), UTF_8).stripTrailing());
            assertThat(converter
                            .toConnectData("iot", json)
                            .schema()
                            .field("topic")
                            .schema()
                            .type())
                    .isEqualTo(Schema.Type.STRING);
        }
    }

    @Test
    void what_a_message_lacks_is_absent_and_its_schema_is_the_same() throws Exception {
        SchemaAndValue value = value(MessageBuilder.to("a").qos(0));
        Struct struct = (Struct) value.value();
        struct.validate();

        assertThat(value.schema()).isSameAs(value(FULL).schema());
        assertThat(struct.schema().fields())
                .filteredOn(field -> struct.get(field) == null)
                .extracting(Field::name)
                .containsExactly(
                        "message_id",
                        "username",
                        "content_type",
                        "response_topic",
                        "correlation_data",
                        "message_expiry");
        assertThat(struct.getArray("user_properties")).isEmpty();
    }

    @Test
    void a_struct_makes_its_way_through_avro() throws Exception {
        AvroData avro = new AvroData(10);
        SchemaAndValue value = value(FULL);
        org.apache.avro.Schema schema = avro.fromConnectSchema(value.schema());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<>(schema).write(avro.fromConnectData(value.schema(), value.value()), encoder);
        encoder.flush();

        Object read = new GenericDatumReader<>(schema)
                .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
        Struct struct = (Struct) avro.toConnectData(schema, read).value();

        assertThat(schema.getFullName()).isEqualTo("io.sluice.mqtt.Message");
        assertThat(struct.get("topic")).isEqualTo("sensors/7/temp");
        assertThat(struct.get("payload")).isEqualTo(ByteBuffer.wrap("{\"temperature\":25}".getBytes(UTF_8)));
        assertThat(struct.get("timestamp")).isEqualTo(Date.from(Instant.ofEpochMilli(MessageBuilder.RECEIVED_AT_MS)));
        assertThat(struct.getArray("user_properties")).hasSize(3);
    }

    @Test
    void names_are_legal_in_avro_and_protobuf() {
        assertThat(List.of(MessageStruct.MESSAGE, MessageStruct.USER_PROPERTY))
                .allSatisfy(schema ->
                        assertThat(schema.name()).matches("[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*"))
                .allSatisfy(schema -> assertThat(schema.version()).isEqualTo(1));
        assertThat(Stream.of(MessageStruct.MESSAGE, MessageStruct.USER_PROPERTY)
                        .flatMap(schema -> schema.fields().stream()))
                .extracting(Field::name)
                .allSatisfy(name -> assertThat(name).matches("[a-z][a-z0-9_]*"));
    }

    @Test
    void a_struct_is_measured_by_what_its_fields_hold_and_their_lengths() throws Exception {
        long small = ValueSize.of(value(MessageBuilder.to("a").payload("")).value());
        long large = ValueSize.of(
                value(MessageBuilder.to("a").payload(new byte[1_000]).property("ü", "123"))
                        .value());

        int lengths = 3 * 6; // of the property and its two texts
        assertThat(large - small).isEqualTo(1_000 + 2 + 3 + lengths);
    }

    private static SchemaAndValue value(MessageBuilder message) throws UnmappableException {
        return ValueFormat.STRUCT
                .maker(ValueOptions.of("mqtt", "default"))
                .value(message.source(Optional.empty()), new HeaderWriter(HeaderWriter.Form.PLAIN));
    }
}
