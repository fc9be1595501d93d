package io.sluice.tools.bench;

/**
 * What the devices of a fleet do, and when. Devices are numbered from 0, and so are the visits of each, which are the times
 * at which it has something to publish. Over all of them a fleet publishes at one rate. Immutable.
 */
public sealed interface Fleet {

    /**
     * A time at which a device publishes.
     *
     * @param atNanos when, since the beginning
     * @param messages how many messages, one right behind the other
     */
    record Visit(long atNanos, int messages) {}

    /** How many devices there are. */
    int devices();

    /** How many messages all of them publish a second. */
    double messagesPerSecond();

    /** How many messages a device publishes at each of its visits. */
    default int messagesPerVisit() {
        return 1;
    }

    /** A device's visit of a number. Visits are spread evenly over time and devices. */
    default Visit visit(int device, long number) {
        double seconds = (number * devices() + device) * messagesPerVisit() / messagesPerSecond();
        return new Visit((long) (seconds * 1e9), messagesPerVisit());
    }

    /** Whether devices are connected only while they publish. */
    default boolean sleeps() {
        return false;
    }

    /** How many topics a device publishes to, in turn: its own, or those of the clients that it speaks for. */
    default int topics() {
        return 1;
    }

    /** Whether links break in the middle of what devices send. Their sessions outlive that. */
    default boolean flaps() {
        return false;
    }

    /** Devices that stay connected, each of which publishes a message now and then. */
    record Steady(int devices, double messagesPerSecond) implements Fleet {}

    /** Sensors that wake up, connect, publish a message, and leave. */
    record Sensors(int devices, double messagesPerSecond) implements Fleet {

        @Override
        public boolean sleeps() {
            return true;
        }
    }

    /** Gateways that stay connected, gather, and publish what they have gathered at once. */
    record Gateways(int devices, double messagesPerSecond) implements Fleet {

        /** How much a gateway gathers. */
        static final int BURST = 50;

        @Override
        public int messagesPerVisit() {
            return BURST;
        }
    }

    /** Bridges that connect when a backlog has gathered, publish it as fast as they can, and leave. */
    record Bridges(int devices, double messagesPerSecond) implements Fleet {

        /** What has gathered when a bridge connects. */
        static final int BACKLOG = 500;

        /** How many clients of its own broker a bridge speaks for, each of which has a topic. */
        static final int CLIENTS = 20;

        @Override
        public int messagesPerVisit() {
            return BACKLOG;
        }

        @Override
        public boolean sleeps() {
            return true;
        }

        @Override
        public int topics() {
            return CLIENTS;
        }
    }

    /** Devices that publish now and then over links that break, and come back to their sessions. */
    record Flapping(int devices, double messagesPerSecond) implements Fleet {

        @Override
        public boolean flaps() {
            return true;
        }
    }
}
