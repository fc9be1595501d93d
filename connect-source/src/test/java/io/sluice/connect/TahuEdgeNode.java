package io.sluice.connect;

import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.exceptions.ConnectionFailedException;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.eclipse.tahu.message.SparkplugBPayloadEncoder;
import org.eclipse.tahu.message.model.Metric;
import org.eclipse.tahu.message.model.Metric.MetricBuilder;
import org.eclipse.tahu.message.model.MetricDataType;
import org.eclipse.tahu.message.model.SparkplugBPayload.SparkplugBPayloadBuilder;

/**
 * An edge node of Sparkplug B with one device, {@code robot}, over a real connection: its death is its last will, and its
 * payloads are those that Eclipse Tahu writes. Metrics have names in births, and aliases alone in data.
 */
final class TahuEdgeNode implements AutoCloseable {

    static final Date TIME = Date.from(Instant.ofEpochMilli(1_772_600_767_890L));

    private static final long PRESSURE = 1;
    private static final long SPEED = 2;

    private final Mqtt5AsyncClient client;
    private final String node;
    private final long bdSeq;
    private int seq;

    private TahuEdgeNode(Mqtt5AsyncClient client, String node, long bdSeq) {
        this.client = client;
        this.node = node;
        this.bdSeq = bdSeq;
    }

    /** Connects, and tries again as long as nobody listens yet. The broker ends an earlier connection of the same node. */
    static TahuEdgeNode connect(int port, String node, long bdSeq) throws Exception {
        Mqtt5AsyncClient client = MqttClient.builder()
                .useMqttVersion5()
                .identifier("edge-" + node)
                .serverHost("127.0.0.1")
                .serverPort(port)
                .buildAsync();
        TahuEdgeNode edge = new TahuEdgeNode(client, node, bdSeq);
        byte[] death = payload(-1, edge.bdSeq());
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptionsInstanceOf(ConnectionFailedException.class)
                .until(() -> client.toBlocking()
                                .connectWith()
                                .cleanStart(true)
                                .willPublish()
                                .topic(edge.topic("NDEATH"))
                                .qos(MqttQos.AT_LEAST_ONCE)
                                .payload(death)
                                .applyWillPublish()
                                .send()
                                .getReasonCode()
                        == Mqtt5ConnAckReasonCode.SUCCESS);
        return edge;
    }

    /** Goes on with the sequence of an earlier connection. */
    TahuEdgeNode after(TahuEdgeNode before) {
        seq = before.seq;
        return this;
    }

    /** Publishes the births of the node and its device. */
    void born(double pressure, int speed) throws Exception {
        seq = 0;
        publish(
                "NBIRTH",
                bdSeq(),
                metric("pressure", MetricDataType.Double, pressure)
                        .alias(PRESSURE)
                        .createMetric());
        publish(
                "DBIRTH",
                metric("speed", MetricDataType.Int32, speed).alias(SPEED).createMetric());
    }

    /** Publishes a value of each, without names. */
    void data(double pressure, int speed) throws Exception {
        publish(
                "NDATA",
                metric(null, MetricDataType.Double, pressure).alias(PRESSURE).createMetric());
        publish("DDATA", metric(null, MetricDataType.Int32, speed).alias(SPEED).createMetric());
    }

    private Metric bdSeq() throws Exception {
        return metric("bdSeq", MetricDataType.Int64, bdSeq).createMetric();
    }

    private static MetricBuilder metric(String name, MetricDataType type, Object value) {
        return new MetricBuilder(name, type, value).timestamp(TIME);
    }

    private static byte[] payload(long seq, Metric... metrics) throws Exception {
        SparkplugBPayloadBuilder payload = new SparkplugBPayloadBuilder().setTimestamp(TIME);
        if (seq >= 0) {
            payload.setSeq(seq);
        }
        for (Metric metric : metrics) {
            payload.addMetric(metric);
        }
        return new SparkplugBPayloadEncoder().getBytes(payload.createPayload(), false);
    }

    private String topic(String type) {
        return "spBv1.0/plant/" + type + "/" + node + (type.startsWith("D") ? "/robot" : "");
    }

    private void publish(String type, Metric... metrics) throws Exception {
        client.publishWith()
                .topic(topic(type))
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload(seq, metrics))
                .send()
                .join();
        seq = (seq + 1) & 0xFF;
    }

    @Override
    public void close() {
        if (client.getState().isConnected()) {
            client.toBlocking().disconnect();
        }
    }
}
