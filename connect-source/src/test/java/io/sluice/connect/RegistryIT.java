package io.sluice.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.TextFormat;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Conversions;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Typed payloads through a worker whose converters register schemas, into a real registry, and back with what the registry
 * tells. Registry and converters are Apicurio's; the build leaves them in {@code target/registry}.
 */
@Tag("compatibility")
class RegistryIT {

    private static final Path REGISTRY = Path.of("target/registry");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private static Path folders;

    private static final Map<String, String> AS_CONFLUENT = Map.of(
            "value.converter.apicurio.registry.headers.enabled", "false",
            "value.converter.apicurio.registry.as-confluent", "true",
            "value.converter.apicurio.registry.use-id", "contentId");

    private static String url = "";
    private static Process registry;
    private static ConnectCluster connect;

    @BeforeAll
    static void start() throws IOException {
        int port = freePort();
        url = "http://127.0.0.1:" + port;
        registry = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=" + port,
                        "-cp",
                        REGISTRY.resolve("app") + "/*:" + REGISTRY.resolve("app/lib") + "/*",
                        "io.quarkus.runner.GeneratedMain")
                .redirectErrorStream(true)
                .redirectOutput(REGISTRY.resolve("registry.log").toFile())
                .start();
        connect = ConnectCluster.start(Map.of(
                "plugin.path",
                REGISTRY.resolve("plugins").toAbsolutePath().toString(),
                // These converters have no service files.
                "plugin.discovery",
                "only_scan"));
        await().atMost(PATIENCE).ignoreExceptions().until(() -> get("/health/ready"), body -> body.contains("UP"));
    }

    @AfterAll
    static void stop() {
        connect.close();
        registry.destroy();
    }

    @Test
    void avro_arrives_in_confluents_wire_format_and_is_read_with_the_schema_of_the_registry() throws Exception {
        Map<String, String> properties = connector("readings", "AvroConverter");
        properties.put("value.schema", resource("reading.avsc"));
        properties.put("value.include", "device=clientId,receivedAt=timestamp");
        properties.putAll(AS_CONFLUENT);
        connect.create("readings", properties);
        publish(properties, "[" + resource("../reading.json") + "]");

        ConsumerRecord<byte[], byte[]> record =
                connect.awaitExactly(1, "readings").get(0);
        GenericRecord read = avro(record);
        Schema schema = read.getSchema();

        assertThat(schema.getFullName()).isEqualTo("org.acme.Reading");
        assertThat(schema.getField("unit").defaultVal()).isEqualTo("C");
        assertThat(read.get("id")).hasToString("s-1");
        assertThat(read.get("time")).isEqualTo(1_772_600_767_890L);
        assertThat(read.get("device")).hasToString("sensor");
        assertThat(read.get("receivedAt")).isEqualTo(record.timestamp());
        assertThat(((GenericRecord) read.get("position")).get("lat")).isEqualTo(52.52);
        Schema price = schema.getField("price").schema().getTypes().get(1);
        assertThat(new Conversions.DecimalConversion()
                        .fromBytes((ByteBuffer) read.get("price"), price, price.getLogicalType()))
                .isEqualTo(new BigDecimal("19.90"));
        connect.delete("readings");
    }

    @Test
    void json_arrives_with_the_id_of_the_schema_that_the_registry_has() throws Exception {
        Map<String, String> properties = connector("documents", "ExtJsonConverter");
        properties.put("value.schema", resource("reading.schema.json"));
        connect.create("documents", properties);
        publish(properties, "[" + resource("../reading.json") + ",{\"id\":1}]");

        JsonNode value =
                JSON.readTree(connect.awaitExactly(1, "documents").get(0).value());
        JsonNode schema = JSON.readTree(
                get("/apis/registry/v2/ids/globalIds/" + value.path("schemaId").asLong()));

        assertThat(value.at("/payload/position/lat").asDouble()).isEqualTo(52.52);
        assertThat(value.at("/payload/unit").asText()).isEqualTo("C");
        assertThat(schema.path("name").asText()).isEqualTo("org.acme.Reading");
        assertThat(schema.path("fields"))
                .extracting(field -> field.path("field").asText())
                .contains("id", "time", "temperature", "price");
        assertThat(new String(
                        connect.awaitExactly(1, "mqtt.dead.letters").get(0).value(), UTF_8))
                .contains("{\\\"id\\\":1}");
        connect.delete("documents");
    }

    @Test
    void a_registry_that_asks_for_compatibility_takes_each_version_of_a_schema_that_is_learnt() throws Exception {
        post("/apis/registry/v2/admin/rules", "{\"type\":\"COMPATIBILITY\",\"config\":\"BACKWARD\"}");
        Map<String, String> properties = connector("learnt", "AvroConverter");
        properties.put("value.schema", "infer");
        properties.put(
                "value.schema.infer.dir", folders.resolve("learnt-schemas").toString());
        properties.put("value.include", "device=clientId");
        properties.put("dead.letter.topic", "learnt-letters");
        connect.create("learnt", properties);
        publish(properties, "[{\"t\":1},{\"t\":1.5,\"at\":{\"lat\":1}},{\"u\":\"x\",\"list\":[{\"n\":1}]},{\"t\":2}]");
        connect.awaitExactly(4, "learnt");
        connect.restartTask("learnt");
        publish(properties, "[{\"t\":3},{\"more\":true}]");

        connect.awaitExactly(6, "learnt");
        assertThat(connect.kafka().hasTopic("learnt-letters")).isFalse();
        assertThat(JSON.readTree(get("/apis/ccompat/v7/subjects/learnt-value/versions")))
                .hasSize(4);
        connect.delete("learnt");
    }

    @Test
    void a_protobuf_payload_arrives_in_avro_with_the_types_of_its_descriptors() throws Exception {
        FileDescriptorSet.Builder set = FileDescriptorSet.newBuilder();
        TextFormat.merge(resource("reading.textproto"), set);
        Map<String, String> properties = connector("messages", "AvroConverter");
        properties.remove("value.split");
        properties.put("value.format", "protobuf");
        properties.put(
                "value.protobuf.descriptor.file",
                Files.write(folders.resolve("reading.desc"), set.build().toByteArray())
                        .toString());
        properties.put("value.protobuf.message", "acme.Reading");
        properties.putAll(AS_CONFLUENT);
        connect.create("messages", properties);
        FileDescriptor timestamp = FileDescriptor.buildFrom(set.getFile(0), new FileDescriptor[0]);
        FileDescriptor reading = FileDescriptor.buildFrom(set.getFile(1), new FileDescriptor[] {timestamp});
        DynamicMessage.Builder payload = DynamicMessage.newBuilder(reading.findMessageTypeByName("Reading"));
        TextFormat.merge(
                "id: 's-1' time { seconds: 1772600767 nanos: 890000000 } samples: [1, 2.5] position { lat: 52.52 }",
                payload);
        publish(properties, payload.build().toByteArray());

        GenericRecord read = avro(connect.awaitExactly(1, "messages").get(0));
        assertThat(read.getSchema().getFullName()).isEqualTo("acme.Reading");
        assertThat(read.get("id")).hasToString("s-1");
        assertThat(read.get("time")).isEqualTo(1_772_600_767_890L);
        assertThat(List.copyOf((List<?>) read.get("samples"))).isEqualTo(List.of(1.0f, 2.5f));
        assertThat(((GenericRecord) read.get("position")).get("lat")).isEqualTo(52.52);
        connect.delete("messages");
    }

    @Test
    void an_edge_node_of_sparkplug_arrives_in_avro_with_its_names_also_through_another_worker() throws Exception {
        Map<String, String> properties = sparkplug("edges", "AvroConverter");
        properties.putAll(AS_CONFLUENT);
        connect.create("edges", properties);
        int port = URI.create(properties.get("broker.listeners")).getPort();
        try (TahuEdgeNode edge = TahuEdgeNode.connect(port, "press", 7)) {
            edge.born(4.5, 1);
            connect.awaitExactly(2, "edges");
            connect.replaceWorker();
            connect.awaitRunning("edges");
            try (TahuEdgeNode again = TahuEdgeNode.connect(port, "press", 7).after(edge)) {
                again.data(4.75, 2);
            }
        }

        List<String> told = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : connect.awaitExactly(4, "edges")) {
            GenericRecord message = avro(record);
            assertThat(message.getSchema().getFullName()).isEqualTo("io.sluice.sparkplug.Message");
            StringBuilder text = new StringBuilder(message.get("type") + " " + message.get("seq"));
            for (Object item : (List<?>) message.get("metrics")) {
                GenericRecord metric = (GenericRecord) item;
                boolean isDouble = metric.get("datatype").toString().equals("Double");
                text.append(' ')
                        .append(metric.get("name"))
                        .append('=')
                        .append(metric.get(isDouble ? "double_value" : "long_value"));
            }
            told.add(text.toString());
        }
        assertThat(told)
                .containsExactly(
                        "NBIRTH 0 bdSeq=7 pressure=4.5",
                        "DBIRTH 1 speed=1",
                        "NDATA 2 pressure=4.75",
                        "DDATA 3 speed=2");
        connect.delete("edges");
    }

    @Test
    void an_edge_node_of_sparkplug_arrives_as_json_with_the_id_of_its_schema() throws Exception {
        Map<String, String> properties = sparkplug("edge-documents", "ExtJsonConverter");
        connect.create("edge-documents", properties);
        int port = URI.create(properties.get("broker.listeners")).getPort();
        try (TahuEdgeNode edge = TahuEdgeNode.connect(port, "press", 7)) {
            edge.born(4.5, 1);
            edge.data(4.75, 2);
        }

        List<String> told = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : connect.awaitExactly(4, "edge-documents")) {
            JsonNode value = JSON.readTree(record.value());
            JsonNode schema = JSON.readTree(get(
                    "/apis/registry/v2/ids/globalIds/" + value.path("schemaId").asLong()));
            assertThat(schema.path("name").asText()).isEqualTo("io.sluice.sparkplug.Message");
            JsonNode message = value.path("payload");
            JsonNode last = message.path("metrics").path(message.path("metrics").size() - 1);
            told.add(message.path("type").asText() + " " + last.path("name").asText() + " "
                    + last.path("double_value").asText() + " "
                    + last.path("long_value").asText());
        }
        assertThat(told)
                .containsExactly(
                        "NBIRTH pressure 4.5 null",
                        "DBIRTH speed null 1",
                        "NDATA pressure 4.75 null",
                        "DDATA speed null 2");
        connect.delete("edge-documents");
    }

    private static Map<String, String> sparkplug(String name, String converter) throws IOException {
        Map<String, String> properties = connector(name, converter);
        properties.remove("value.split");
        properties.put("topic.filters", "spBv1.0/#");
        properties.put("value.format", "sparkplug");
        properties.put("kafka.key", "{topic[1]}/{topic[3]}");
        return properties;
    }

    /** A record in Confluent's wire format, with the schema that the registry has for its id. */
    private static GenericRecord avro(ConsumerRecord<byte[], byte[]> record) throws IOException, InterruptedException {
        byte[] value = record.value();
        ByteBuffer wire = ByteBuffer.wrap(value);
        assertThat(wire.get()).as("magic byte").isZero();
        Schema schema = new Schema.Parser()
                .parse(JSON.readTree(get("/apis/ccompat/v7/schemas/ids/" + wire.getInt()))
                        .path("schema")
                        .asText());
        int at = wire.position();
        return new GenericDatumReader<GenericRecord>(schema)
                .read(null, DecoderFactory.get().binaryDecoder(value, at, value.length - at, null));
    }

    private static void post(String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        assertThat(HTTP.send(request, BodyHandlers.ofString()).statusCode()).isLessThan(300);
    }

    private static Map<String, String> connector(String name, String converter) throws IOException {
        Map<String, String> properties = new HashMap<>(ConnectCluster.connector(name, folders));
        properties.put("broker.listeners", "tcp://127.0.0.1:" + freePort());
        properties.put("value.split", "root");
        properties.put("value.format", "json");
        properties.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        properties.put("value.converter", "io.apicurio.registry.utils.converter." + converter);
        properties.put("value.converter.apicurio.registry.url", url + "/apis/registry/v2");
        properties.put("value.converter.apicurio.registry.auto-register", "true");
        properties.put("topic.creation.default.partitions", "1");
        properties.put("topic.creation.default.replication.factor", "1");
        return properties;
    }

    private static void publish(Map<String, String> properties, String payload) {
        publish(properties, payload.getBytes(UTF_8));
    }

    private static void publish(Map<String, String> properties, byte[] payload) {
        int port = URI.create(properties.get("broker.listeners")).getPort();
        try (Device device = Device.connect(port, "sensor")) {
            device.client()
                    .publishWith()
                    .topic("sensors/1")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(payload)
                    .send()
                    .join();
        }
    }

    private static String get(String path) throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(URI.create(url + path)).build(), BodyHandlers.ofString())
                .body();
    }

    private static String resource(String name) throws IOException {
        return Files.readString(Path.of("src/test/resources/formats/schema", name))
                .strip();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
