package io.sluice.tools.bench;

import io.sluice.tools.mqtt.MqttLogin;
import java.time.Duration;

/** Something that a broker has to bear. One thread runs it, once. */
public abstract sealed class BenchLoad permits ConnectLoad, PublishLoad, SparkplugLoad, SubscribeLoad {

    /** How many messages wait at most. Past it, messages are late, and that is measured. */
    static final int MOST_OUTSTANDING = 50_000;

    final Terms terms;
    final BenchCounts counts = new BenchCounts();

    BenchLoad(Terms terms) {
        this.terms = terms;
    }

    /** Gets ready: what is not measured. */
    public abstract void prepare();

    /** Lets it happen, and returns when everything was begun. */
    public abstract void run();

    public abstract void end();

    public BenchCounts counts() {
        return counts;
    }

    /**
     * What devices publish, and how long.
     *
     * @param login how they connect; the client ids are their own
     * @param topic prefix of the topics; each client publishes to its own topic below it
     * @param qos 0 to 2
     * @param payloadBytes 16 or more
     * @param duration of the run
     */
    public record Terms(MqttLogin login, String topic, int qos, int payloadBytes, Duration duration) {}
}
