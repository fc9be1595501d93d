package io.sluice.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.TextFormat;
import io.sluice.connect.format.sparkplug.wire.Metric;
import io.sluice.connect.format.sparkplug.wire.Payload;
import io.sluice.message.Message;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.record.internal.AbstractRecords;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.connect.converters.ByteArrayConverter;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.apache.kafka.connect.storage.StringConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever devices publish, each message becomes one record that the converters, the producer and Kafka take as they are by
 * default: the record of its route, or a dead letter. With a good message behind each, the good one always arrives.
 */
class EveryMessageTest {

    private static final int MESSAGES = Integer.getInteger("sluice.property.messages", 300);
    private static final long SEED = Long.getLong("sluice.property.seed", 20_260_304);

    /** What good messages fit, and odd ones now and then. */
    private static final String SCHEMA = "{\"type\":\"record\",\"name\":\"R\",\"fields\":["
            + "{\"name\":\"id\",\"type\":[\"null\",\"long\"]},"
            + "{\"name\":\"time\",\"type\":[\"null\",{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}]},"
            + "{\"name\":\"nested\",\"default\":[],\"type\":{\"type\":\"array\",\"items\":"
            + "{\"type\":\"map\",\"values\":{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":30,"
            + "\"scale\":3}}}}]}";

    /** More might be larger than the buffer, which keeps them. */
    private static final int IN_ONE_BUFFER = 100;

    /** The producer's {@code max.request.size} and a Kafka topic's {@code max.message.bytes} by default. */
    private static final int LARGEST = 1_048_576;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bytes",
                "string",
                "struct",
                "tbmq",
                "tbmq-payload",
                "robustmq",
                "robustmq-record",
                "cloudevents",
                "json"
            })
    void becomes_a_record_or_a_dead_letter_in_every_format_and_holds_up_none_behind_it(String format) throws Exception {
        run(format, Map.of(), SEED, MESSAGES);
        run(format, templates(format, "{json:/id}{json:/nested/0/x}", false), SEED + 1, MESSAGES);
        run(format, templates(format, "{json:/nested}{timestamp:yyyy}{topic[-1]}", true), SEED + 2, MESSAGES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"protobuf", "sparkplug"})
    void becomes_a_record_or_a_dead_letter_in_formats_of_protobuf(String format, @TempDir Path dir) throws Exception {
        Map<String, String> properties = new HashMap<>();
        if (format.equals("protobuf")) {
            Path descriptors = dir.resolve("reading.desc");
            FileDescriptorSet.Builder set = FileDescriptorSet.newBuilder();
            TextFormat.merge(Files.readString(Path.of("src/test/resources/formats/schema/reading.textproto")), set);
            Files.write(descriptors, set.build().toByteArray());
            properties.put("value.protobuf.descriptor.file", descriptors.toString());
            properties.put("value.protobuf.message", "acme.Reading");
        }
        run(format, properties, SEED + 5, MESSAGES);
        Map<String, String> templated = new HashMap<>(templates(format, "{json:/id}{topic[-1]}", false));
        templated.putAll(properties);
        if (format.equals("sparkplug")) {
            templated.remove("payload.decompress");
        }
        run(format, templated, SEED + 6, MESSAGES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"drop", "keep", "refuse"})
    void becomes_a_record_or_a_dead_letter_with_a_schema(String unknown) throws Exception {
        run(
                "json",
                Map.of(
                        "value.schema",
                        SCHEMA,
                        "value.schema.unknown",
                        unknown,
                        "value.include",
                        "topic,device=clientId,timestamp,properties,contentType",
                        "metadata.text",
                        "{json:/id}"),
                SEED + 3,
                MESSAGES);
    }

    @Test
    void becomes_records_or_dead_letters_where_arrays_are_split() throws Exception {
        OddMessages odd = new OddMessages(SEED + 4);
        Map<String, String> properties = Map.of(
                "value.split", "/nested",
                "value.split.max", "20",
                "kafka.key", "{whole:/id}{element}{json:/x}",
                "value.include", "element,topic");
        try (TaskHarness connect = TaskHarness.with(
                        Optional.empty(), "value.format", "json", "value.converter", converter("json"));
                Converter key = keyConverter("json");
                Converter value = valueConverter("json");
                SimpleHeaderConverter header = new SimpleHeaderConverter()) {
            properties.forEach(connect::configure);
            connect.configure("key.converter", key.getClass().getName()).start();
            for (int done = 0; done < IN_ONE_BUFFER; done += 20) {
                List<Message> batch = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    batch.add(odd.next());
                    batch.add(MessageBuilder.to("t/good")
                            .from("good")
                            .payload("{\"id\":" + i + ",\"nested\":[{\"x\":1}]}")
                            .build());
                }
                connect.publish(batch.toArray(Message[]::new));
                List<Object> good = new ArrayList<>();
                while (good.size() < 20) {
                    List<SourceRecord> records = connect.poll(1);
                    assertThat(records).as("after %s", good).isNotEmpty();
                    for (SourceRecord record : records) {
                        check(record, key, value, header);
                        if (record.headers()
                                .lastWithName("mqtt.client.id")
                                .value()
                                .equals("good")) {
                            good.add(record.key());
                        }
                    }
                    connect.acknowledge(records);
                }
                assertThat(good)
                        .containsExactlyElementsOf(
                                IntStream.range(0, 20).mapToObj(i -> i + "01").toList());
            }
            assertThat(connect.heldBack()).isZero();
        }
    }

    static Map<String, String> templates(String format, String key, boolean keyRequired) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "kafka.topic", "iot.{topic[1]}",
                "kafka.topic.max.distinct", "50",
                "kafka.key", key,
                "kafka.key.required", Boolean.toString(keyRequired),
                "kafka.header.text", "{json:}/{username}/{contentType}/{property.ä}",
                "record.timestamp", "{json:/time}"));
        properties.put("payload.decompress", "auto");
        if (keyRequired) {
            properties.put("filter", "!has(json.time) || size(topic) >= 0 && json.id != 'none' || qos == 1");
        }
        if (format.equals("tbmq") || format.equals("json")) {
            properties.put("metadata.all", "{json:}{topic}");
        }
        return properties;
    }

    static void run(String format, Map<String, String> properties, long seed, int messages) throws Exception {
        OddMessages odd = new OddMessages(seed);
        for (int done = 0; done < messages; done += IN_ONE_BUFFER) {
            run(format, properties, odd, Math.min(IN_ONE_BUFFER, messages - done), seed);
        }
    }

    private static void run(String format, Map<String, String> properties, OddMessages odd, int messages, long seed)
            throws Exception {
        try (TaskHarness connect = TaskHarness.with(
                        Optional.empty(), "value.format", format, "value.converter", converter(format));
                Converter key = keyConverter(format);
                Converter value = valueConverter(format);
                SimpleHeaderConverter header = new SimpleHeaderConverter()) {
            properties.forEach(connect::configure);
            connect.configure("key.converter", key.getClass().getName());
            connect.start();
            int good = 0;
            for (int done = 0; done < messages; done += 20) {
                List<Message> batch = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    batch.add(odd(format, odd.next(), good));
                    batch.add(good(format, ++good));
                }
                connect.publish(batch.toArray(Message[]::new));
                List<SourceRecord> records = connect.poll(batch.size());
                assertThat(records).as("one record for each, seed %d", seed).hasSize(batch.size());
                for (int i = 0; i < records.size(); i++) {
                    check(records.get(i), key, value, header);
                    if (i % 2 == 1) {
                        assertThat(records.get(i).topic()).isIn("iot", "iot.good");
                    }
                }
                connect.acknowledge(records);
            }
            assertThat(connect.heldBack()).isZero();
        }
    }

    private static Message good(String format, int number) {
        return switch (format) {
            case "sparkplug" ->
                MessageBuilder.to("spBv1.0/good/NDATA/node")
                        .from("good")
                        .payload(Payload.newBuilder()
                                .setSeq(number & 0xFF)
                                .addMetrics(Metric.newBuilder().setAlias(number))
                                .build()
                                .toByteArray())
                        .build();
            case "protobuf" ->
                MessageBuilder.to("t/good").from("good").payload(new byte[0]).build();
            default ->
                MessageBuilder.to("t/good")
                        .from("good")
                        .payload("{\"id\":" + number + ",\"nested\":[{\"x\":1}],\"time\":1772600767890}")
                        .build();
        };
    }

    /** Sparkplug B would not look at the payload of every other topic. */
    private static Message odd(String format, Message odd, int number) {
        if (!format.equals("sparkplug") || number % 3 == 0) {
            return odd;
        }
        return new Message(
                odd.kind(),
                odd.clientId(),
                odd.username(),
                Optional.empty(),
                number % 3 == 1 ? "spBv1.0/odd/DDATA/node/device" : "spBv1.0/odd/NBIRTH/node",
                odd.qos(),
                odd.retained(),
                odd.duplicate(),
                odd.packetId(),
                odd.receivedAtMs(),
                odd.properties(),
                odd.payload());
    }

    private static void check(SourceRecord record, Converter keys, Converter values, SimpleHeaderConverter headers) {
        Topic.validate(record.topic());
        if (record.timestamp() != null) {
            assertThat(record.timestamp()).isBetween(0L, Math.max(System.currentTimeMillis(), 1L << 62));
        }
        RecordHeaders converted = new RecordHeaders();
        for (Header header : record.headers()) {
            converted.add(
                    header.key(),
                    headers.fromConnectHeader(record.topic(), header.key(), header.schema(), header.value()));
        }
        byte[] key = keys.fromConnectData(record.topic(), record.keySchema(), record.key());
        byte[] value = values.fromConnectData(record.topic(), record.valueSchema(), record.value());
        assertThat(AbstractRecords.estimateSizeInBytesUpperBound(
                        RecordBatch.MAGIC_VALUE_V2, CompressionType.NONE, key, value, converted.toArray()))
                .as("%s, key %s", record.topic(), record.key())
                .isLessThanOrEqualTo(LARGEST);
    }

    private static String converter(String format) throws Exception {
        try (Converter converter = valueConverter(format)) {
            return converter.getClass().getName();
        }
    }

    private static Converter keyConverter(String format) {
        Converter converter =
                format.equals("struct") || format.equals("json") ? new JsonConverter() : new StringConverter();
        converter.configure(Map.of(), true);
        return converter;
    }

    private static Converter valueConverter(String format) {
        Converter converter = switch (format) {
            case "string" -> new StringConverter();
            case "struct", "json", "protobuf", "sparkplug" -> new JsonConverter();
            default -> new ByteArrayConverter();
        };
        converter.configure(Map.of(), false);
        return converter;
    }
}
