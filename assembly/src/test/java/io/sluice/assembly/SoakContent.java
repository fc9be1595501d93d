package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubRecException;
import io.sluice.assembly.SoakStream.Source;
import io.sluice.tools.bench.Content;
import io.sluice.tools.mqtt.MqttDevice;
import io.sluice.tools.mqtt.MqttMessage;
import io.sluice.tools.mqtt.MqttMessage.About;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** What the devices of one fleet publish: messages of several kinds in turn, each with an id as a user property. */
final class SoakContent implements Content {

    /** The user property, and in Kafka the header {@code mqtt.property.id}. */
    static final String ID = "id";

    private final SoakAccount account;
    private final String broker;
    private final boolean exactlyOnce;
    private final String fleet;
    private final int qos;
    private final int topics;
    private final List<SoakKind> turns;
    private final AtomicIntegerArray turn;

    /**
     * @param topics how many topics a device has of each kind
     * @param turns what a device publishes, in this order, over and over
     */
    SoakContent(
            SoakAccount account,
            String broker,
            boolean exactlyOnce,
            String fleet,
            int qos,
            int devices,
            int topics,
            List<SoakKind> turns) {
        this.account = account;
        this.broker = broker;
        this.exactlyOnce = exactlyOnce;
        this.fleet = fleet;
        this.qos = qos;
        this.topics = topics;
        this.turns = turns;
        this.turn = new AtomicIntegerArray(devices);
    }

    @Override
    public MqttMessage next(int device) {
        int now = turn.getAndIncrement(device);
        SoakKind kind = turns.get(now % turns.size());
        String topic = kind.topic() + "/" + fleet + "-qos" + qos + "/" + device + "/" + now % topics;
        String id = account.next(new Source(broker, exactlyOnce, qos, kind), topic);
        return new MqttMessage(topic, payload(kind, id, now), qos, false, about(kind, id));
    }

    private static byte[] payload(SoakKind kind, String id, int now) {
        int bytes = kind == SoakKind.SIZED && now % 2 == 0 ? SoakKind.RAW.payloadBytes() : kind.payloadBytes();
        String text = kind == SoakKind.JSON
                ? "{\"id\":\"" + id + "\",\"value\":" + now + ",\"padding\":\"" + "-".repeat(bytes / 2) + "\"}"
                : id + " " + "-".repeat(bytes);
        return text.getBytes(UTF_8);
    }

    private static About about(SoakKind kind, String id) {
        return new About(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                false,
                List.of(Map.entry(ID, id), Map.entry("keep", kind == SoakKind.RULE_LEAVES_OUT ? "no" : "yes")));
    }

    @Override
    public void acknowledged(MqttMessage message) {
        account.acknowledged(id(message));
    }

    @Override
    public void failed(MqttMessage message, Throwable failure) {
        account.failed(id(message), MqttDevice.reason(failure), isRefusal(failure) || isRefusal(failure.getCause()));
    }

    private static boolean isRefusal(Throwable failure) {
        return failure instanceof Mqtt5PubAckException || failure instanceof Mqtt5PubRecException;
    }

    private static String id(MqttMessage message) {
        return message.about().properties().get(0).getValue();
    }
}
