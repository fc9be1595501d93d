package io.sluice.connect.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import io.sluice.connect.MessageBuilder;
import io.sluice.connect.format.sparkplug.MetricNames;
import io.sluice.connect.format.sparkplug.MetricNames.Named;
import io.sluice.connect.format.sparkplug.SparkplugPayload;
import io.sluice.connect.format.sparkplug.wire.Metric;
import io.sluice.connect.format.sparkplug.wire.Payload;
import io.sluice.connect.format.sparkplug.wire.Template;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code value.format=sparkplug}, of payloads that Eclipse Tahu has written. */
class SparkplugFormatTest {

    /** As the specification numbers types (section 6.4.17). */
    private static final int UINT8_ARRAY = 26;

    private static final int STRING_ARRAY = 33;

    private static final int DOUBLE = 10;

    private static final String BIRTH = "spBv1.0/plant/NBIRTH/press";
    private static final String DATA = "spBv1.0/plant/NDATA/press";

    @Test
    void a_birth_becomes_a_struct_with_every_type_of_sparkplug() throws Exception {
        SchemaAndValue value = value(BIRTH, TahuPayloads.birth(), AliasNames.NONE);

        assertThat(value.schema().name()).isEqualTo("io.sluice.sparkplug.Message");
        String json = new ObjectMapper()
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(withoutNulls(new ObjectMapper().readTree(json(value, false))));
        Path golden = Path.of("src/test/resources/formats/sparkplug-birth.json");
        if (Boolean.getBoolean("sluice.doc.write")) {
            Files.writeString(golden, json + "\n");
        }
        assertThat(golden).hasContent(json);
        assertThat(ConvertedSize.JSON_WITH_SCHEMA.of(value))
                .isGreaterThanOrEqualTo(json(value, true).getBytes(UTF_8).length);
    }

    /** Fields that are absent say nothing to a reader. */
    private static JsonNode withoutNulls(JsonNode node) {
        if (node.isObject()) {
            var fields = node.properties().iterator();
            while (fields.hasNext()) {
                if (withoutNulls(fields.next().getValue()).isNull()) {
                    fields.remove();
                }
            }
        }
        node.forEach(SparkplugFormatTest::withoutNulls);
        return node;
    }

    @Test
    void data_has_the_names_and_types_of_the_birth_for_its_aliases() throws Exception {
        MetricNames born = MetricNames.of(SparkplugPayload.read(ByteBuffer.wrap(TahuPayloads.birth())));
        byte[] data = Payload.newBuilder()
                .setSeq(1)
                .addMetrics(Metric.newBuilder().setAlias(3).setIntValue(-7))
                .addMetrics(Metric.newBuilder().setAlias(99).setDoubleValue(21.5))
                .build()
                .toByteArray();

        Struct message =
                (Struct) value(DATA, data, (topic, alias) -> born.of(alias)).value();

        Struct known = (Struct) message.getArray("metrics").get(0);
        assertThat(known.getString("name")).isEqualTo("Int32");
        assertThat(known.getString("datatype")).isEqualTo("Int32");
        assertThat(known.getInt64("long_value")).isEqualTo(-7);
        assertThat(known.getBoolean("alias_unknown")).isFalse();
        Struct unknown = (Struct) message.getArray("metrics").get(1);
        assertThat(unknown.getString("name")).isNull();
        assertThat(unknown.getInt64("alias")).isEqualTo(99);
        assertThat(unknown.getFloat64("double_value")).isEqualTo(21.5);
        assertThat(unknown.getBoolean("alias_unknown")).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "spBv1.0/STATE/scada, '{\"online\":true,\"timestamp\":1772600767890}', true, 1772600767890",
        "spBv1.0/STATE/scada, '{\"online\":false}', false,",
        "STATE/scada, ONLINE, true,",
        "STATE/scada, OFFLINE, false,"
    })
    void the_state_of_a_host_application_is_json(String topic, String payload, boolean online, Long timestampMs)
            throws Exception {
        Struct message =
                (Struct) value(topic, payload.getBytes(UTF_8), AliasNames.NONE).value();

        assertThat(message.getString("type")).isEqualTo("STATE");
        assertThat(message.getString("host")).isEqualTo("scada");
        assertThat(message.getBoolean("online")).isEqualTo(online);
        assertThat(message.get("timestamp"))
                .isEqualTo(timestampMs == null ? null : Date.from(Instant.ofEpochMilli(timestampMs)));
    }

    @Test
    void a_payload_in_an_envelope_is_decompressed_within_bounds() throws Exception {
        Struct message = (Struct)
                value(BIRTH, gzipped(TahuPayloads.birth()), AliasNames.NONE).value();
        assertThat(message.getInt64("bd_seq")).isEqualTo(4);

        byte[] bomb = gzipped(new byte[64 << 20]);
        assertThatThrownBy(() -> value(BIRTH, bomb, AliasNames.NONE))
                .hasMessage("its payload would have more than 4194304 bytes when it is decompressed");
        byte[] broken = Payload.newBuilder()
                .setUuid("SPBV1.0_COMPRESSED")
                .setBody(ByteString.copyFromUtf8("no"))
                .build()
                .toByteArray();
        assertThatThrownBy(() -> value(BIRTH, broken, AliasNames.NONE))
                .hasMessage("its payload is not compressed as it says, with DEFLATE");
    }

    private static byte[] gzipped(byte[] payload) throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(body)) {
            out.write(payload);
        }
        return Payload.newBuilder()
                .setUuid("SPBV1.0_COMPRESSED")
                .setBody(ByteString.copyFrom(body.toByteArray()))
                .addMetrics(Metric.newBuilder().setName("algorithm").setStringValue("GZIP"))
                .build()
                .toByteArray();
    }

    @Test
    void arrays_beyond_a_million_elements_in_a_payload_stay_bytes_since_they_would_take_far_more_memory()
            throws Exception {
        Payload.Builder arrays = Payload.newBuilder();
        byte[] numbers = new byte[400_000];
        Arrays.fill(numbers, (byte) 0xFF);
        for (int i = 0; i < 4; i++) {
            arrays.addMetrics(array(UINT8_ARRAY, numbers));
        }
        arrays.addMetrics(array(STRING_ARRAY, new byte[150_000]));
        arrays.addMetrics(array(STRING_ARRAY, new byte[100_000]));

        Struct message = (Struct)
                value(DATA, arrays.build().toByteArray(), AliasNames.NONE).value();

        List<Struct> metrics = message.getArray("metrics");
        assertThat(metrics)
                .extracting(metric -> metric.getStruct("array_value") != null)
                .containsExactly(true, true, false, false, false, true);
        assertThat(metrics.get(0).getStruct("array_value").getArray("longs"))
                .hasSize(numbers.length)
                .containsOnly(255L);
        assertThat(metrics.get(2).getBytes("bytes_value")).isEqualTo(numbers);
        assertThat(metrics.get(5).getStruct("array_value").getArray("strings")).hasSize(100_000);
    }

    private static Metric array(int type, byte[] bytes) {
        return Metric.newBuilder()
                .setName("a")
                .setDatatype(type)
                .setBytesValue(ByteString.copyFrom(bytes))
                .build();
    }

    @Test
    void what_would_take_far_more_memory_than_it_has_bytes_is_refused() {
        Payload.Builder many = Payload.newBuilder();
        for (int i = 0; i <= 100_000; i++) {
            many.addMetrics(Metric.getDefaultInstance());
        }
        assertThatThrownBy(() -> value(DATA, many.build().toByteArray(), AliasNames.NONE))
                .isInstanceOf(UnmappableException.class)
                .hasMessage("its payload has more than 100000 metrics, properties and cells");

        Metric nested = Metric.newBuilder().setName("m").setIntValue(1).build();
        for (int i = 0; i < 17; i++) {
            nested = Metric.newBuilder()
                    .setName("t")
                    .setTemplateValue(Template.newBuilder().addMetrics(nested))
                    .build();
        }
        byte[] deep = Payload.newBuilder().addMetrics(nested).build().toByteArray();
        assertThatThrownBy(() -> value(DATA, deep, AliasNames.NONE))
                .isInstanceOf(UnmappableException.class)
                .hasMessage("its payload has templates or properties that are nested more than 32 deep");

        Template.Builder long1 = Template.newBuilder();
        for (int i = 0; i < 100; i++) {
            long1.addMetrics(Metric.newBuilder().setName("m").setIntValue(1));
        }
        byte[] longNames = Payload.newBuilder()
                .addMetrics(Metric.newBuilder()
                        .setName("t")
                        .setTemplateValue(Template.newBuilder()
                                .addMetrics(Metric.newBuilder()
                                        .setName("x".repeat(100_000))
                                        .setTemplateValue(long1))))
                .build()
                .toByteArray();
        assertThatThrownBy(() -> value(DATA, longNames, AliasNames.NONE))
                .isInstanceOf(UnmappableException.class)
                .hasMessageContaining("would have more than 8388608 characters");
    }

    @Test
    void a_name_that_aliases_stand_for_counts_for_each_of_the_metrics_that_get_it() {
        Named born = new Named("x".repeat(900_000), UINT8_ARRAY);
        Payload.Builder many = Payload.newBuilder();
        for (int i = 0; i < 100_000; i++) {
            many.addMetrics(Metric.newBuilder().setAlias(1));
        }

        assertThatThrownBy(() -> value(DATA, many.build().toByteArray(), (topic, alias) -> Optional.of(born)))
                .isInstanceOf(UnmappableException.class)
                .hasMessage("the names of the metrics and properties in its payload would have more than 8388608"
                        + " characters, with those that aliases stand for and those of their parents");
    }

    @Test
    void fields_that_sparkplug_does_not_have_take_no_memory() throws Exception {
        UnknownFieldSet unknown = UnknownFieldSet.newBuilder()
                .addField(20, field().addVarint(1).build())
                .addField(21, field().addGroup(group()).build())
                .addField(22, field().addFixed64(1).build())
                .addField(
                        23,
                        field().addLengthDelimited(ByteString.copyFromUtf8("x")).build())
                .build();
        Payload sent = Payload.newBuilder()
                .setSeq(7)
                .addMetrics(Metric.newBuilder().setName("a").setIntValue(5).setUnknownFields(unknown))
                .setUnknownFields(unknown)
                .build();

        Payload read = SparkplugPayload.read(ByteBuffer.wrap(sent.toByteArray()));

        assertThat(read)
                .isEqualTo(Payload.newBuilder()
                        .setSeq(7)
                        .addMetrics(Metric.newBuilder().setName("a").setIntValue(5))
                        .build());
        assertThat(read.getUnknownFields().asMap()).isEmpty();
        assertThat(read.getMetrics(0).getUnknownFields().asMap()).isEmpty();
    }

    private static UnknownFieldSet.Field.Builder field() {
        return UnknownFieldSet.Field.newBuilder();
    }

    private static UnknownFieldSet group() {
        return UnknownFieldSet.newBuilder()
                .addField(1, field().addVarint(0).build())
                .build();
    }

    @Test
    void the_types_of_columns_count_packed_or_not() throws Exception {
        byte[] packed = new byte[100_000];
        Arrays.fill(packed, (byte) DOUBLE);
        assertThatThrownBy(() -> value(DATA, withTypes(packed), AliasNames.NONE))
                .isInstanceOf(UnmappableException.class)
                .hasMessage("its payload has more than 100000 metrics, properties and cells");

        byte[] each = new byte[200_000];
        for (int i = 0; i < each.length; i += 2) {
            each[i] = 3 << 3;
            each[i + 1] = DOUBLE;
        }
        assertThatThrownBy(() -> value(DATA, delimited(2, delimited(17, each)), AliasNames.NONE))
                .isInstanceOf(UnmappableException.class)
                .hasMessage("its payload has more than 100000 metrics, properties and cells");

        Struct message = (Struct) value(DATA, withTypes(Arrays.copyOf(packed, 1_000)), AliasNames.NONE)
                .value();
        Struct metric = (Struct) message.getArray("metrics").get(0);
        assertThat(metric.getStruct("dataset").<String>getArray("types"))
                .hasSize(1_000)
                .containsOnly("Double");
    }

    /** A metric that is a data set with these types, packed. */
    private static byte[] withTypes(byte[] types) throws Exception {
        return delimited(2, delimited(17, delimited(3, types)));
    }

    private static byte[] delimited(int number, byte[] bytes) throws Exception {
        ByteArrayOutputStream field = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(field);
        out.writeByteArray(number, bytes);
        out.flush();
        return field.toByteArray();
    }

    @Test
    void what_is_not_sparkplug_is_refused() {
        assertThatThrownBy(() -> value("sensors/1", TahuPayloads.birth(), AliasNames.NONE))
                .isInstanceOf(UnmappableException.class)
                .hasMessageStartingWith("its topic is not one of Sparkplug B");
        assertThatThrownBy(() -> value(DATA, "hot".getBytes(UTF_8), AliasNames.NONE))
                .isInstanceOf(UnmappableException.class)
                .hasMessageStartingWith("its payload is not one of Sparkplug B: ");
        assertThatThrownBy(() -> value("spBv1.0/STATE/scada", "hot".getBytes(UTF_8), AliasNames.NONE))
                .isInstanceOf(UnmappableException.class)
                .hasMessageStartingWith("its payload is not the state of a host application");
        assertThatThrownBy(() -> value(
                        DATA, Payload.newBuilder().setTimestamp(-1).build().toByteArray(), AliasNames.NONE))
                .hasMessage("its payload has the timestamp 18446744073709551615, which is after the year 9999");
    }

    @Test
    void whatever_a_device_sends_becomes_a_struct_or_is_refused() throws Exception {
        Random random = new Random(20_261_128);
        byte[] good = TahuPayloads.birth();
        int read = 0;
        for (int i = 0; i < 3_000; i++) {
            byte[] payload = good.clone();
            for (int left = random.nextInt(3); left >= 0; left--) {
                payload[random.nextInt(payload.length)] = (byte) random.nextInt(256);
            }
            try {
                SchemaAndValue value = value(BIRTH, payload, AliasNames.NONE);
                assertThat(ConvertedSize.JSON.of(value))
                        .isGreaterThanOrEqualTo(json(value, false).getBytes(UTF_8).length);
                read++;
            } catch (UnmappableException e) {
                assertThat(e).hasMessageStartingWith("its payload ");
            }
        }
        assertThat(read).isBetween(500, 2_900);
    }

    private static SchemaAndValue value(String topic, byte[] payload, AliasNames names) throws Exception {
        ValueSource source = MessageBuilder.to(topic).payload(payload).source(Optional.empty());
        return ValueFormat.SPARKPLUG
                .maker(ValueOptions.of("mqtt", "default"))
                .value(
                        new ValueSource(
                                source.message(), source.id(), source.key(), source.metadata(), source.json(), names),
                        new HeaderWriter(HeaderWriter.Form.PLAIN));
    }

    private static String json(SchemaAndValue value, boolean withSchema) {
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", Boolean.toString(withSchema)), false);
            byte[] json = converter.fromConnectData("iot", value.schema(), value.value());
            if (withSchema) {
                assertThat(converter.toConnectData("iot", json).value()).isEqualTo(value.value());
            }
            return new String(json, UTF_8);
        }
    }
}
