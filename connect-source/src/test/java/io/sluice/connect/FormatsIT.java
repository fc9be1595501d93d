package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.port;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.CloudEventDeserializer;
import java.nio.file.Path;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Every format, from a device through a real worker and its converters to a consumer of Kafka. */
class FormatsIT {

    private static final List<String> OF_BYTES =
            List.of("bytes", "tbmq", "tbmq-payload", "robustmq", "robustmq-record", "cloudevents");

    private static final String DOCUMENT = "{\"t\":21.5,\"on\":[true,null,{\"n\":7}]}";

    private static final byte[] LATIN = "21 °C".getBytes(ISO_8859_1);

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    @TempDir
    private static Path folder;

    @Test
    void every_format_arrives_as_it_is_meant_through_the_converter_that_fits() throws Exception {
        ConnectCluster connect = SHARED.cluster();
        Map<String, String> envelopes = envelopes();
        for (String format : OF_BYTES) {
            connect.createTopic(format);
        }
        connect.create("envelopes", envelopes);
        connect.create("string", sharing(envelopes, "string", "org.apache.kafka.connect.storage.StringConverter"));
        Map<String, String> json = sharing(envelopes, "json", "org.apache.kafka.connect.json.JsonConverter");
        json.put("value.converter.schemas.enable", "false");
        connect.create("json", json);
        connect.create("struct", sharing(envelopes, "struct", "org.apache.kafka.connect.json.JsonConverter"));
        publish(port(envelopes));

        ConsumerRecord<byte[], byte[]> bytes = one(connect, "bytes");
        assertThat(bytes.value()).isEqualTo(LATIN);
        assertThat(headers(bytes)).containsEntry("plant", "north").containsEntry("floor", "7");
        assertThat(text(one(connect, "tbmq")))
                .isEqualTo("{\"payload\":\"MjEgsEM=\",\"topicName\":\"sensors/7/temp\",\"clientId\":\"device-1\","
                        + "\"eventType\":\"PUBLISH_MSG\",\"qos\":1,\"retain\":false,\"tbmqIeNode\":\"envelopes\","
                        + "\"tbmqNode\":\"formats\",\"ts\":" + bytes.timestamp() + ",\"props\":{\"site\":\"b\"},"
                        + "\"metadata\":{\"integrationName\":\"envelopes\",\"floor\":\"7\"}}");
        assertThat(text(one(connect, "tbmq-payload"))).isEqualTo("MjEgsEM=");
        assertThat(text(one(connect, "robustmq")))
                .matches("\\{\"topic\":\"sensors/7/temp\",\"qos\":1,\"retain\":false,\"payload\":\"MjEgsEM=\","
                        + "\"client_id\":\"device-1\",\"username\":\"\",\"timestamp\":" + bytes.timestamp() / 1_000
                        + ",\"message_id\":\\d+,\"header\":\\[\\{\"key\":\"content-type\",\"value\":\"text/plain\"},"
                        + "\\{\"key\":\"site\",\"value\":\"a\"},\\{\"key\":\"site\",\"value\":\"b\"}],"
                        + "\"key\":\"device-1\",\"data\":\"MjEgsEM=\",\"tags\":\\[\"sensors\",\"7\",\"temp\"],"
                        + "\"crc_num\":1711897421}");
        assertThat(text(one(connect, "robustmq-record")))
                .matches("\\{\"metadata\":\\{\"offset\":\\d+,\"shard\":\"[0-9a-f-]{36}-0\",\"segment\":0,"
                        + "\"header\":null,\"key\":null,\"tags\":null,\"create_t\":" + bytes.timestamp() / 1_000
                        + ",\"expire_at\":0,\"crc_num\":1711897421},\"protocol_data\":\\{\"mqtt\":"
                        + "\\{\"client_id\":\"device-1\",\"retain\":false,\"format_indicator\":null,"
                        + "\"response_topic\":null,\"correlation_data\":null,\"content_type\":\"text/plain\","
                        + "\"user_properties\":\\[\\[\"site\",\"a\"],\\[\"site\",\"b\"]]},"
                        + "\"nats\":null,\"mq9\":null,\"amqp\":null},\"data\":\\[50,49,32,176,67]}");
        checkEvent(one(connect, "cloudevents"));
        assertThat(text(one(connect, "string"))).isEqualTo(DOCUMENT);
        assertThat(new JsonMapper().readTree(one(connect, "json").value()))
                .isEqualTo(new JsonMapper().readTree(DOCUMENT));
        checkStruct(one(connect, "struct"), bytes.timestamp());
        for (String connector : List.of("envelopes", "string", "json", "struct")) {
            connect.delete(connector);
        }
    }

    @Test
    void an_edge_node_of_sparkplug_is_read_with_the_names_of_its_births_also_by_a_task_that_starts_anew()
            throws Exception {
        ConnectCluster connect = SHARED.cluster();
        Map<String, String> properties = ConnectCluster.connector("edge-node", folder);
        properties.put("topic.filters", "spBv1.0/#");
        properties.put("value.format", "sparkplug");
        properties.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
        properties.put("kafka.key", "{topic[1]}/{topic[3]}");
        properties.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        properties.put("broker.linger.ms", "60000");
        connect.create("edge-node", properties);
        int port = port(properties);
        try (TahuEdgeNode edge = TahuEdgeNode.connect(port, "press", 7)) {
            edge.born(4.5, 1);
            edge.data(4.75, 2);
            connect.awaitExactly(4, "edge-node");
            connect.restartTask("edge-node");
            edge.data(5.25, 3);
            try (TahuEdgeNode again = TahuEdgeNode.connect(port, "press", 8)) {
                again.born(5.5, 4);
            }
        }

        assertThat(connect.awaitExactly(9, "edge-node"))
                .extracting(FormatsIT::told)
                .containsExactly(
                        "plant/press NBIRTH 0 bdSeq=7 pressure=4.5",
                        "plant/press DBIRTH 1 robot speed=1",
                        "plant/press NDATA 2 pressure=4.75",
                        "plant/press DDATA 3 robot speed=2",
                        "plant/press NDATA 4 pressure=5.25",
                        "plant/press DDATA 5 robot speed=3",
                        "plant/press NDEATH null bdSeq=7",
                        "plant/press NBIRTH 0 bdSeq=8 pressure=5.5",
                        "plant/press DBIRTH 1 robot speed=4");
        connect.delete("edge-node");
    }

    /** Key, type, sequence number, device, and name and value of each metric, read with Kafka Connect's own converter. */
    private static String told(ConsumerRecord<byte[], byte[]> record) {
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", "true"), false);
            Struct message = (Struct)
                    converter.toConnectData("edge-node", record.value()).value();
            StringBuilder told = new StringBuilder(new String(record.key(), UTF_8))
                    .append(' ')
                    .append(message.getString("type"))
                    .append(' ')
                    .append(message.getInt64("seq"));
            if (message.getString("device") != null) {
                told.append(' ').append(message.getString("device"));
            }
            for (Object item : message.getArray("metrics")) {
                Struct metric = (Struct) item;
                assertThat(metric.getBoolean("alias_unknown")).isFalse();
                assertThat(metric.get("timestamp")).isEqualTo(TahuEdgeNode.TIME);
                Object value = metric.getString("datatype").equals("Double")
                        ? metric.get("double_value")
                        : metric.get("long_value");
                told.append(' ').append(metric.getString("name")).append('=').append(value);
            }
            return told.toString();
        }
    }

    /** The formats that are bytes, in one connector. */
    private static Map<String, String> envelopes() {
        Map<String, String> properties = new HashMap<>();
        properties.put("name", "envelopes");
        properties.put("broker.name", "formats");
        properties.put("broker.listeners", "tcp://127.0.0.1:0");
        properties.put("buffer.dir", folder.resolve("formats").toString());
        properties.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        properties.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        properties.put("kafka.key", "{clientId}");
        properties.put("metadata.floor", "{topic[1]}");
        properties.put("routes", String.join(",", OF_BYTES));
        for (String format : OF_BYTES) {
            properties.put("route." + format + ".topic.filters", "sensors/+/temp");
            properties.put("route." + format + ".kafka.topic", format);
            properties.put("route." + format + ".value.format", format);
        }
        properties.put("route.bytes.kafka.header.plant", "north");
        properties.put("route.bytes.kafka.header.floor", "{topic[1]}");
        return properties;
    }

    /** A connector of another format, and of another converter therefore, on the same broker. */
    private static Map<String, String> sharing(Map<String, String> other, String format, String converter) {
        Map<String, String> properties = new HashMap<>();
        for (String shared : List.of("broker.name", "broker.listeners", "buffer.dir", "key.converter")) {
            properties.put(shared, other.get(shared));
        }
        properties.put("name", format);
        properties.put("value.format", format);
        properties.put("value.converter", converter);
        properties.put("kafka.topic", format);
        properties.put("topic.filters", format.equals("struct") ? "sensors/+/temp" : "text");
        return properties;
    }

    private static void publish(int port) {
        try (Device device = Device.connect(port, "device-1")) {
            device.client()
                    .publishWith()
                    .topic("text")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(DOCUMENT.getBytes(UTF_8))
                    .send()
                    .join();
            device.client()
                    .publishWith()
                    .topic("sensors/7/temp")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(LATIN)
                    .contentType("text/plain")
                    .userProperties()
                    .add("site", "a")
                    .add("site", "b")
                    .applyUserProperties()
                    .send()
                    .join();
        }
    }

    private static void checkEvent(ConsumerRecord<byte[], byte[]> record) {
        try (CloudEventDeserializer deserializer = new CloudEventDeserializer()) {
            CloudEvent event = deserializer.deserialize(record.topic(), record.headers(), record.value());
            assertThat(event.getSource()).hasToString("/sluice/formats");
            assertThat(event.getSubject()).isEqualTo("sensors/7/temp");
            assertThat(event.getDataContentType()).isEqualTo("text/plain");
            assertThat(event.getTime().toInstant().toEpochMilli()).isEqualTo(record.timestamp());
            assertThat(event.getId()).matches("[0-9a-f-]{36}-\\d+");
            assertThat(event.getData().toBytes()).isEqualTo(LATIN);
        }
        assertThat(headers(record))
                .containsEntry("ce_specversion", "1.0")
                .containsEntry("ce_type", "io.sluice.mqtt.publish")
                .containsEntry("ce_source", "/sluice/formats")
                .containsEntry("ce_subject", "sensors/7/temp")
                .containsEntry("content-type", "text/plain")
                .containsKeys("ce_id", "ce_time");
        assertThat(record.value()).isEqualTo(LATIN);
    }

    private static void checkStruct(ConsumerRecord<byte[], byte[]> record, long timestamp) {
        assertThat(text(record))
                .matches("\\{\"schema\":\\{.*},\"payload\":\\{\"kind\":\"publish\",\"topic\":\"sensors/7/temp\","
                        + "\"payload\":\"MjEgsEM=\",\"qos\":1,\"retained\":false,\"duplicate\":false,"
                        + "\"message_id\":\\d+,\"client_id\":\"device-1\",\"username\":null,\"timestamp\":" + timestamp
                        + ",\"payload_is_utf8\":false,\"content_type\":\"text/plain\",\"response_topic\":null,"
                        + "\"correlation_data\":null,\"message_expiry\":null,\"user_properties\":"
                        + "\\[\\{\"name\":\"site\",\"value\":\"a\"},\\{\"name\":\"site\",\"value\":\"b\"}]}}");
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", "true"), false);
            Struct struct =
                    (Struct) converter.toConnectData("struct", record.value()).value();
            assertThat(struct.schema().name()).isEqualTo("io.sluice.mqtt.Message");
            assertThat(struct.getBytes("payload")).isEqualTo(LATIN);
            assertThat(struct.getString("topic")).isEqualTo("sensors/7/temp");
            assertThat(((Date) struct.get("timestamp")).toInstant().toEpochMilli())
                    .isEqualTo(timestamp);
            assertThat(struct.getArray("user_properties")).hasSize(2);
        }
    }

    private static ConsumerRecord<byte[], byte[]> one(ConnectCluster connect, String topic) {
        return connect.awaitExactly(1, topic).get(0);
    }

    private static String text(ConsumerRecord<byte[], byte[]> record) {
        return new String(record.value(), UTF_8);
    }

    private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), new String(header.value(), UTF_8));
        }
        return headers;
    }
}
