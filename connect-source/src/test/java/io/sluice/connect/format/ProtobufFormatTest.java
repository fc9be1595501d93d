package io.sluice.connect.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.TextFormat;
import com.sun.management.ThreadMXBean;
import io.sluice.connect.MessageBuilder;
import io.sluice.connect.format.AddedFields.Named;
import io.sluice.connect.format.schema.ProtobufSchema;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code value.format=protobuf}, with the descriptors beside this test. */
class ProtobufFormatTest {

    private static final String FULL =
            "id: 's-1' time { seconds: 1772600767 nanos: 890000000 } temperature: 21.5 unit: F"
                    + " samples: [1, 2.5] tags { key: 'site' value: 'north' } position { lat: 52.52 lon: 13.4 } raw: '\\001\\002'"
                    + " counter: 7 flags: 4294967295 battery: 0";

    @Test
    void a_payload_becomes_a_struct() throws Exception {
        SchemaAndValue value = value("acme.Reading", AddedFields.NONE, payload(FULL));

        assertThat(value.schema().name()).isEqualTo("acme.Reading");
        assertThat(value.schema().field("position").schema().name()).isEqualTo("acme.Reading.Position");
        assertThat(json(value, false)).isEqualTo(resource("reading-protobuf.json"));
        assertThat(ConvertedSize.JSON_WITH_SCHEMA.of(value))
                .isGreaterThanOrEqualTo(json(value, true).length());
    }

    @Test
    void what_is_absent_is_null_where_protobuf_can_tell_and_its_default_elsewhere() throws Exception {
        assertThat(json(value("acme.Reading", AddedFields.NONE, new byte[0]), false))
                .isEqualTo("{\"id\":\"\",\"time\":null,\"temperature\":0.0,\"unit\":\"C\",\"samples\":[],\"tags\":{},"
                        + "\"position\":null,\"raw\":\"\",\"counter\":0,\"flags\":0,\"battery\":null}");
    }

    @Test
    void fields_are_added_behind_those_of_the_message() throws Exception {
        AddedFields added = new AddedFields(List.of(new Named("device", MessageField.CLIENT_ID)), List.of("site"));

        assertThat(json(value("acme.Reading.Position", added, new byte[0]), false))
                .isEqualTo("{\"lat\":0.0,\"lon\":0.0,\"device\":\"client-1\",\"site\":\"north\"}");
        AddedFields clash = new AddedFields(List.of(new Named("lat", MessageField.TOPIC)), List.of());
        assertThatThrownBy(() -> value("acme.Reading.Position", clash, new byte[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the field lat would be added to the value");
    }

    @Test
    void what_is_no_such_message_is_refused() {
        assertThatThrownBy(() -> value("acme.Reading", AddedFields.NONE, "hot".getBytes(UTF_8)))
                .isInstanceOf(UnmappableException.class)
                .hasMessageStartingWith("its payload is no Protobuf message acme.Reading: ");
        assertThatThrownBy(() -> value("acme.Reading", AddedFields.NONE, payload("counter: 18446744073709551615")))
                .hasMessage(
                        "its payload has the number 18446744073709551615 in the field acme.Reading.counter, which is"
                                + " beyond an int64");
        for (String seconds : List.of("9223372036854775807", "253402300800", "-62135596801")) {
            assertThatThrownBy(
                            () -> value("acme.Reading", AddedFields.NONE, payload("time { seconds: " + seconds + " }")))
                    .hasMessage("its payload has a google.protobuf.Timestamp that is out of range");
        }
    }

    @Test
    void a_payload_whose_structs_would_take_far_more_memory_than_itself_is_refused() throws Exception {
        byte[] empty = "\n\0".repeat(10_000).getBytes(UTF_8);

        assertThat(((Struct) value("acme.Track", AddedFields.NONE, empty).value()).getArray("points"))
                .hasSize(10_000);
        assertThatThrownBy(() -> value(
                        "acme.Track", AddedFields.NONE, "\n\0".repeat(400_000).getBytes(UTF_8)))
                .isInstanceOf(UnmappableException.class)
                .hasMessageEndingWith("they would take more than 32 MiB of memory");
    }

    @Test
    void fields_that_the_message_does_not_have_take_no_memory() throws Exception {
        byte[] groups = "{\b\0|".repeat(250_000).getBytes(UTF_8);
        value("acme.Track", AddedFields.NONE, new byte[0]); // loads classes
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

        long before = threads.getCurrentThreadAllocatedBytes();
        value("acme.Track", AddedFields.NONE, groups);

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10L * groups.length);
    }

    @Test
    void unknown_groups_in_groups_are_refused() {
        byte[] groups = "c".repeat(10_000).getBytes(UTF_8);

        assertThatThrownBy(() -> value("acme.Track", AddedFields.NONE, groups))
                .isInstanceOf(UnmappableException.class)
                .hasMessageStartingWith("its payload is no Protobuf message acme.Track: ");
    }

    @Test
    void whatever_a_device_sends_becomes_a_struct_or_is_refused() throws Exception {
        Random random = new Random(20_260_304);
        byte[] good = payload(FULL);
        int read = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] payload = good.clone();
            for (int left = random.nextInt(4); left >= 0; left--) {
                payload[random.nextInt(payload.length)] = (byte) random.nextInt(256);
            }
            try {
                SchemaAndValue value = value("acme.Reading", AddedFields.NONE, payload);
                assertThat(ConvertedSize.JSON.of(value))
                        .isGreaterThanOrEqualTo(json(value, false).getBytes(UTF_8).length);
                read++;
            } catch (UnmappableException e) {
                assertThat(e).hasMessageStartingWith("its payload ");
            }
        }
        assertThat(read).isBetween(500, 4_500);
    }

    @ParameterizedTest
    @CsvSource({"acme.Reeding, it describes no message acme.Reeding", "acme.Tree, the message acme.Tree contains itself"
    })
    void a_message_that_there_is_not_or_that_contains_itself_is_refused(String message, String sentence) {
        assertThatThrownBy(() -> ProtobufSchema.of(descriptors().toByteArray(), message))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void a_file_that_lacks_what_it_imports_or_is_another_is_refused() throws Exception {
        byte[] alone = FileDescriptorSet.newBuilder()
                .addFile(descriptors().getFile(1))
                .build()
                .toByteArray();

        assertThatThrownBy(() -> ProtobufSchema.of(alone, "acme.Reading"))
                .hasMessage("it lacks google/protobuf/timestamp.proto: make it with protoc --include_imports");
        assertThatThrownBy(() -> ProtobufSchema.of("syntax = 'proto3';".getBytes(UTF_8), "acme.Reading"))
                .hasMessageContaining("it is no set of descriptors");
    }

    private static FileDescriptorSet descriptors() throws Exception {
        FileDescriptorSet.Builder set = FileDescriptorSet.newBuilder();
        TextFormat.merge(resource("schema/reading.textproto"), set);
        return set.build();
    }

    private static String resource(String name) throws IOException {
        return Files.readString(Path.of("src/test/resources/formats", name)).strip();
    }

    private static byte[] payload(String text) throws Exception {
        FileDescriptor timestamp = FileDescriptor.buildFrom(descriptors().getFile(0), new FileDescriptor[] {});
        Descriptor reading = FileDescriptor.buildFrom(descriptors().getFile(1), new FileDescriptor[] {timestamp})
                .findMessageTypeByName("Reading");
        DynamicMessage.Builder message = DynamicMessage.newBuilder(reading);
        TextFormat.merge(text, message);
        ByteString bytes = message.build().toByteString();
        return bytes.toByteArray();
    }

    private static SchemaAndValue value(String message, AddedFields added, byte[] payload) throws Exception {
        return ValueFormat.PROTOBUF
                .maker(new ValueOptions(
                        new EnvelopeNames("mqtt", "default", added.texts()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(ProtobufSchema.of(descriptors().toByteArray(), message)),
                        added))
                .value(
                        MessageBuilder.to("t").payload(payload).source(Optional.empty(), "north"),
                        new HeaderWriter(HeaderWriter.Form.PLAIN));
    }

    private static String json(SchemaAndValue value, boolean withSchema) {
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", Boolean.toString(withSchema)), false);
            return new String(converter.fromConnectData("iot", value.schema(), value.value()), UTF_8);
        }
    }
}
