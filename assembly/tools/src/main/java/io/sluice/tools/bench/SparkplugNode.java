package io.sluice.tools.bench;

import io.sluice.connect.format.sparkplug.wire.Metric;
import io.sluice.connect.format.sparkplug.wire.Payload;
import io.sluice.tools.mqtt.MqttMessage;
import io.sluice.tools.mqtt.MqttMessage.About;
import java.util.ArrayList;
import java.util.List;

/**
 * What an edge node of Sparkplug B publishes: births of itself and its devices, which name their metrics, and data that refers
 * to these by alias. For one thread at a time.
 */
final class SparkplugNode {

    static final int DEVICES = 3;

    private static final List<String> METRICS = List.of("temperature", "pressure", "speed", "load");
    private static final int DOUBLE = 10;
    private static final int INT64 = 4;

    private static final int SEQUENCE = 256;

    private final String group;
    private final String node;
    private final int qos;
    private long bdSeq;
    private long seq;
    private long readings;

    SparkplugNode(String group, String node, int qos) {
        this.group = group;
        this.node = node;
        this.qos = qos;
    }

    /** Its last will for the next connection. */
    MqttMessage will() {
        return message("NDEATH/" + node, Payload.newBuilder().addMetrics(bdSeq()));
    }

    /** It is gone: the next connection has another number. */
    void died() {
        bdSeq = (bdSeq + 1) % SEQUENCE;
    }

    private Metric.Builder bdSeq() {
        return Metric.newBuilder().setName("bdSeq").setDatatype(INT64).setLongValue(bdSeq);
    }

    /** What it publishes first over a connection. */
    List<MqttMessage> births() {
        seq = 0;
        List<MqttMessage> births = new ArrayList<>();
        births.add(message("NBIRTH/" + node, births(0).addMetrics(bdSeq()).setSeq(next())));
        for (int device = 1; device <= DEVICES; device++) {
            births.add(message(
                    "DBIRTH/" + node + "/device-" + device, births(device).setSeq(next())));
        }
        return births;
    }

    /** @param device 0 for the edge node itself */
    private static Payload.Builder births(int device) {
        Payload.Builder birth = now();
        for (int i = 0; i < METRICS.size(); i++) {
            birth.addMetrics(Metric.newBuilder()
                    .setName(METRICS.get(i))
                    .setAlias(alias(device, i))
                    .setDatatype(DOUBLE)
                    .setDoubleValue(0));
        }
        return birth;
    }

    private static long alias(int device, int metric) {
        return (long) device * METRICS.size() + metric;
    }

    /** Data of itself or one of its devices, by turns. */
    MqttMessage data() {
        int device = (int) (readings % (DEVICES + 1));
        int metric = (int) (readings / (DEVICES + 1) % METRICS.size());
        Payload.Builder data = now().setSeq(next())
                .addMetrics(Metric.newBuilder()
                        .setAlias(alias(device, metric))
                        .setDoubleValue(Math.round(2_000 + 500 * Math.sin(readings / 50.0)) / 100.0));
        readings++;
        return message(device == 0 ? "NDATA/" + node : "DDATA/" + node + "/device-" + device, data);
    }

    private static Payload.Builder now() {
        return Payload.newBuilder().setTimestamp(System.currentTimeMillis());
    }

    private long next() {
        long number = seq;
        seq = (seq + 1) % SEQUENCE;
        return number;
    }

    private MqttMessage message(String typeAndNames, Payload.Builder payload) {
        return new MqttMessage(
                "spBv1.0/" + group + "/" + typeAndNames, payload.build().toByteArray(), qos, false, About.NOTHING);
    }
}
