package io.sluice.tools.bench;

import io.sluice.tools.mqtt.MqttDevice;
import io.sluice.tools.mqtt.MqttMessage;
import io.sluice.tools.mqtt.MqttMessage.About;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Subscribers, each of which gets every message of one publisher. What is measured is the way from the publisher to each. */
public final class SubscribeLoad extends BenchLoad {

    private final double perSecond;
    private final Crowd subscribers;
    private final Crowd publisher;

    /** @param perSecond how many messages are published in a second */
    public SubscribeLoad(Terms terms, int subscribers, double perSecond) {
        super(terms);
        this.perSecond = perSecond;
        this.subscribers = new Crowd(terms.login(), subscribers, counts);
        this.publisher = new Crowd(terms.login(), 1, counts);
    }

    @Override
    public void prepare() {
        subscribers.connect();
        publisher.connect();
        List<CompletableFuture<Void>> subscribing = new ArrayList<>();
        for (MqttDevice device : subscribers.devices()) {
            subscribing.add(device.subscribe(topic(), terms.qos(), new Seen()::message));
        }
        Crowd.await(subscribing, "cannot subscribe");
    }

    private String topic() {
        return terms.topic() + "/" + publisher.name();
    }

    @Override
    public void run() {
        Schedule pace = new Schedule(terms.duration().toNanos());
        MqttDevice device = publisher.devices().get(0);
        long moment = pace.at(0);
        for (int number = 0; pace.await(moment); moment = pace.at((long) (++number / perSecond * 1e9))) {
            counts.begin(subscribers.devices().size());
            byte[] payload = new byte[terms.payloadBytes()];
            ByteBuffer.wrap(payload).putInt(number).putLong(moment);
            device.publish(new MqttMessage(topic(), payload, terms.qos(), false, About.NOTHING))
                    .exceptionally(failure -> {
                        // Subscribers may have the message all the same: whether they do is counted apart.
                        counts.failed(failure);
                        return null;
                    });
        }
    }

    @Override
    public void end() {
        subscribers.leave();
        publisher.leave();
    }

    /** What one subscriber has. Its messages come on one thread. */
    private final class Seen {

        private final BitSet numbers = new BitSet();

        synchronized void message(MqttMessage message) {
            ByteBuffer payload = ByteBuffer.wrap(message.payload());
            int number = payload.getInt();
            if (numbers.get(number)) {
                counts.repeated();
            } else {
                numbers.set(number);
                counts.done(payload.getLong());
            }
        }
    }
}
