package io.sluice.tools.bench;

import io.sluice.tools.mqtt.MqttMessage;
import io.sluice.tools.mqtt.MqttMessage.About;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** Zeros, which each device publishes to its topic, or in turn to those of the clients that it speaks for. */
final class Zeros implements Content {

    private final BenchLoad.Terms terms;
    private final int topics;
    private final AtomicIntegerArray published;

    Zeros(BenchLoad.Terms terms, int topics, int devices) {
        this.terms = terms;
        this.topics = topics;
        this.published = new AtomicIntegerArray(devices);
    }

    @Override
    public MqttMessage next(int device) {
        String own = terms.topic() + "/" + device;
        String topic = topics == 1 ? own : own + "/" + published.getAndIncrement(device) % topics;
        return new MqttMessage(topic, new byte[terms.payloadBytes()], terms.qos(), false, About.NOTHING);
    }
}
