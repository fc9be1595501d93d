package io.sluice.message;

import java.util.Arrays;
import java.util.Optional;

/**
 * A topic of Sparkplug B, {@code spBv1.0/group/type/edge node[/device]} (section 4.1 of its specification), but that of the
 * state of a host application.
 *
 * @param group the group of edge nodes
 * @param device one of its devices; absent: the message is of the edge node itself
 */
public record SparkplugTopic(Type type, String group, String node, Optional<String> device) {

    /** The first level of all these topics, and the slash after it. */
    public static final String NAMESPACE = "spBv1.0/";

    /** What messages are. */
    public enum Type {
        /** An edge node is there, with these metrics. */
        NBIRTH(false),
        /** An edge node is gone; it is its last will. */
        NDEATH(false),
        /** Metrics of an edge node have changed. */
        NDATA(false),
        /** A host application writes metrics of an edge node. */
        NCMD(false),
        /** A device is there, with these metrics. */
        DBIRTH(true),
        /** A device is gone. */
        DDEATH(true),
        /** Metrics of a device have changed. */
        DDATA(true),
        /** A host application writes metrics of a device. */
        DCMD(true);

        private final boolean ofDevice;

        Type(boolean ofDevice) {
            this.ofDevice = ofDevice;
        }

        /** Whether messages say which metrics there are, and how they are called. */
        public boolean isBirth() {
            return this == NBIRTH || this == DBIRTH;
        }

        /** Whether messages of an edge node that have a sequence number, one after the other, are of this type. */
        public boolean hasSequence() {
            return this != NDEATH && !isCommand();
        }

        /** Whether host applications send messages of this type, and not the edge node. */
        public boolean isCommand() {
            return this == NCMD || this == DCMD;
        }

        static Optional<Type> of(String level) {
            return Arrays.stream(values())
                    .filter(type -> type.name().equals(level))
                    .findFirst();
        }
    }

    /** Reads a topic; empty if it is none of Sparkplug B's edge nodes. */
    public static Optional<SparkplugTopic> of(String topic) {
        if (!topic.startsWith(NAMESPACE)) {
            return Optional.empty();
        }
        String[] levels = topic.split("/", -1);
        if (levels.length < 4 || levels.length > 5 || levels[1].isEmpty() || levels[levels.length - 1].isEmpty()) {
            return Optional.empty();
        }
        Optional<String> device = levels.length == 5 ? Optional.of(levels[4]) : Optional.empty();
        return Type.of(levels[2])
                .filter(type -> type.ofDevice == device.isPresent() && !levels[3].isEmpty())
                .map(type -> new SparkplugTopic(type, levels[1], levels[3], device));
    }

    /** The topic of the birth that names the metrics of these messages. */
    public String birth() {
        return device.map(name -> sibling(Type.DBIRTH, name)).orElseGet(this::nodeBirth);
    }

    /**
     * A topic of messages of another type of the same edge node.
     *
     * @param ofDevice the device, if they are of one
     */
    public String sibling(Type other, String ofDevice) {
        return NAMESPACE + group + "/" + other + "/" + node + (other.ofDevice ? "/" + ofDevice : "");
    }

    /** The topic of the birth of the edge node, which ends what earlier births of its devices have said. */
    public String nodeBirth() {
        return sibling(Type.NBIRTH, "");
    }
}
