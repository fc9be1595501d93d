package io.sluice.tools.bench;

/**
 * What the devices of a fleet do, and when. Devices are numbered from 0, and so are the visits of each, which are the times
 * at which it has something to publish. Over all of them a fleet publishes at one rate. Immutable.
 *
 * @param messagesPerSecond how many messages all devices publish a second
 * @param messagesPerVisit how many messages a device publishes at each of its visits
 * @param topics how many topics a device publishes to, in turn: its own, or those of the clients that it speaks for
 * @param sleeps whether devices are connected only while they publish
 * @param flaps whether links break in the middle of what devices send; their sessions outlive that
 */
public record Fleet(
        int devices, double messagesPerSecond, int messagesPerVisit, int topics, boolean sleeps, boolean flaps) {

    /** How much a gateway gathers. */
    private static final int BURST = 50;

    /** What has gathered when a bridge connects. */
    private static final int BACKLOG = 500;

    /** How many clients publish through a bridge, each to one topic. */
    private static final int CLIENTS = 20;

    /** Devices that stay connected, each of which publishes a message now and then. */
    public static Fleet steady(int devices, double messagesPerSecond) {
        return new Fleet(devices, messagesPerSecond, 1, 1, false, false);
    }

    /** Sensors that wake up, connect, publish a message, and leave. */
    public static Fleet sensors(int devices, double messagesPerSecond) {
        return new Fleet(devices, messagesPerSecond, 1, 1, true, false);
    }

    /** Gateways that stay connected, gather, and publish what they have gathered at once. */
    public static Fleet gateways(int devices, double messagesPerSecond) {
        return new Fleet(devices, messagesPerSecond, BURST, 1, false, false);
    }

    /** Bridges that connect when a backlog has gathered, publish it as fast as they can, and leave. */
    public static Fleet bridges(int devices, double messagesPerSecond) {
        return new Fleet(devices, messagesPerSecond, BACKLOG, CLIENTS, true, false);
    }

    /** Devices that publish now and then over links that break, and come back to their sessions. */
    public static Fleet flapping(int devices, double messagesPerSecond) {
        return new Fleet(devices, messagesPerSecond, 1, 1, false, true);
    }

    /** When a device makes a visit, in nanoseconds since the beginning. Visits are spread evenly over time and devices. */
    long visitNanos(int device, long number) {
        double seconds = (number * devices + device) * messagesPerVisit / messagesPerSecond;
        return (long) (seconds * 1e9);
    }
}
