package io.sluice.benchmark;

/**
 * What is published.
 *
 * @param qos 0, 1 or 2
 * @param payloadBytes size of a payload, at least {@link Stamp#BYTES}
 * @param connections how many clients publish, each to a separate topic
 * @param window the most messages of a client that are not acknowledged; QoS 0 has no window
 * @param messages how many in all, divided among the clients
 * @param perSecond how many a second over all clients; 0: as fast as they are taken
 */
record Load(int qos, int payloadBytes, int connections, int window, int messages, int perSecond) {

    /** The load of the targets: QoS 1, 256 bytes, 100 in flight, as fast as it is taken. */
    static Load standard(int connections, int messages) {
        return new Load(1, 256, connections, 100, messages, 0);
    }

    Load withQos(int level) {
        return new Load(level, payloadBytes, connections, window, messages, perSecond);
    }

    Load withWindow(int inFlight) {
        return new Load(qos, payloadBytes, connections, inFlight, messages, perSecond);
    }

    Load atRate(int rate, int seconds) {
        return new Load(qos, payloadBytes, connections, window, rate * seconds, rate);
    }

    int perConnection() {
        return messages / connections;
    }

    /** How many messages are really published: as many by each client. */
    int total() {
        return perConnection() * connections;
    }

    @Override
    public String toString() {
        return "QoS " + qos + ", " + payloadBytes + " B, " + connections + " connections"
                + (qos == 0 ? "" : ", window " + window) + (perSecond == 0 ? "" : ", " + perSecond + "/s");
    }
}
