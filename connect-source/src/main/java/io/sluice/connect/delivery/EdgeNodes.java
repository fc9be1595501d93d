package io.sluice.connect.delivery;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.connect.format.AliasNames;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.format.sparkplug.MetricNames;
import io.sluice.connect.format.sparkplug.MetricNames.Named;
import io.sluice.connect.format.sparkplug.SparkplugPayload;
import io.sluice.connect.format.sparkplug.SparkplugSequence;
import io.sluice.message.MessageKind;
import io.sluice.message.SparkplugTopic;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The names of the metrics of Sparkplug B's edge nodes and devices, as far as one buffer was read, and the last
 * sequence number of each edge node of which all messages are read.
 *
 * <p>Births are followed as they are read. What came before, or was read by another task, the buffer is asked for when a message
 * refers to it, and the answer is kept. A birth of an edge node ends what its devices have said. Edge nodes are told apart by
 * lane: of each lane all is read from some position on, in order, while of another lane more or less may have been read before.
 * Not thread-safe: belongs to the thread that polls.
 */
final class EdgeNodes {

    /**
     * What is remembered of all edge nodes, in bytes, about. Beyond that, those that have more than their share lose devices,
     * and then the node that was not heard of for longest goes.
     */
    private static final long MOST_BYTES = 32L << 20;

    /** What is remembered of one edge node whatever others have, in bytes, about. */
    private static final long SHARE_OF_NODE = 4L << 20;

    /** Besides its texts, of a birth or a node. */
    private static final int OVERHEAD = 200;

    /** Edge nodes that are remembered, also those without aliases. */
    private static final int MOST_NODES = 20_000;

    /** Topics whose parts are remembered; devices choose how long they are. */
    private static final int MOST_TOPICS = 10_000;

    private static final int LONGEST_TOPIC = 256;

    /** As the buffer remembers no birth of a longer one. */
    private static final int LONGEST_FOLLOWED_TOPIC = 1_024;

    private final Attachment buffer;
    private final SparkplugLog log;
    private final Predicate<SparkplugTopic> isReadWhole;
    private final LinkedHashMap<Key, Node> nodes = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, Optional<SparkplugTopic>> topics = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Optional<SparkplugTopic>> eldest) {
            return size() > MOST_TOPICS;
        }
    };
    /** Those that have more than their share. */
    private final Set<Node> large = new LinkedHashSet<>();

    private long bytes;
    private long followedTo = -1;

    /** @param isReadWhole whether all that an edge node publishes is read: only then can any of it be missing */
    EdgeNodes(Attachment buffer, SparkplugLog log, Predicate<SparkplugTopic> isReadWhole) {
        this.buffer = buffer;
        this.log = log;
        this.isReadWhole = isReadWhole;
    }

    private record Key(String group, String node, int lane) {}

    /** @param position of the birth; -1: there is none */
    private record Birth(long position, MetricNames names) {

        static final Birth NONE = new Birth(-1, MetricNames.NONE);

        long weight() {
            return OVERHEAD + names.bytes();
        }
    }

    private static final class Node {
        private final LinkedHashMap<String, Birth> byDevice = new LinkedHashMap<>(16, 0.75f, true);
        private final boolean isReadWhole;
        private @Nullable Birth own;
        private OptionalLong seq = OptionalLong.empty();
        private boolean rebirthTold;
        private long weight;

        Node(boolean isReadWhole) {
            this.isReadWhole = isReadWhole;
        }
    }

    /** Takes note of a message, once, in the order of positions. */
    void follow(StoredMessage stored) {
        if (stored.position() <= followedTo) {
            return;
        }
        followedTo = stored.position();
        Optional<SparkplugTopic> found = topic(stored.message().topic());
        if (found.isEmpty()) {
            return;
        }
        SparkplugTopic topic = found.get();
        Node node = node(topic, stored.lane());
        if (topic.type().isBirth() && stored.message().kind() == MessageKind.PUBLISH) {
            born(topic, node, read(stored));
        }
        if (node.isReadWhole && topic.type().hasSequence()) {
            SparkplugSequence.of(stored.message().payload()).ifPresent(seq -> count(topic, node, stored, seq));
        }
    }

    private Optional<SparkplugTopic> topic(String topic) {
        if (!topic.startsWith(SparkplugTopic.NAMESPACE) || topic.length() > LONGEST_FOLLOWED_TOPIC) {
            return Optional.empty();
        }
        return topic.length() > LONGEST_TOPIC
                ? SparkplugTopic.of(topic)
                : topics.computeIfAbsent(topic, SparkplugTopic::of);
    }

    private Node node(SparkplugTopic topic, int lane) {
        Key key = new Key(topic.group(), topic.node(), lane);
        Node known = nodes.get(key);
        if (known != null) {
            return known;
        }
        Node node = new Node(isReadWhole.test(topic));
        nodes.put(key, node);
        if (nodes.size() > MOST_NODES) {
            var oldest = nodes.values().iterator();
            weigh(oldest.next(), 0);
            oldest.remove();
        }
        return node;
    }

    private static Birth read(StoredMessage birth) {
        try {
            return new Birth(
                    birth.position(),
                    MetricNames.of(SparkplugPayload.read(birth.message().payload())));
        } catch (UnmappableException e) {
            return new Birth(birth.position(), MetricNames.NONE); // becomes a dead letter, which says why
        }
    }

    private void born(SparkplugTopic topic, Node node, Birth birth) {
        if (topic.device().isPresent()) {
            remember(node, topic.device().get(), birth);
        } else {
            weigh(node, 0);
            node.byDevice.clear();
            node.rebirthTold = false;
            rememberOwn(node, birth);
        }
    }

    private void rememberOwn(Node node, Birth birth) {
        node.own = birth;
        weigh(node, node.weight + birth.weight());
        bound(node);
    }

    private void remember(Node node, String device, Birth birth) {
        Birth before = node.byDevice.put(device, birth);
        long less = before == null ? 0 : weight(device, before);
        weigh(node, node.weight + weight(device, birth) - less);
        bound(node);
    }

    private static long weight(String device, Birth birth) {
        return 2L * device.length() + birth.weight();
    }

    private void weigh(Node node, long weight) {
        bytes += weight - node.weight;
        node.weight = weight;
        if (weight > SHARE_OF_NODE) {
            large.add(node);
        } else {
            large.remove(node);
        }
    }

    /** What is forgotten the buffer knows. */
    private void bound(Node inUse) {
        while (bytes > MOST_BYTES && !large.isEmpty()) {
            forgetDevice(large.iterator().next());
        }
        var oldest = nodes.values().iterator();
        while (bytes > MOST_BYTES && oldest.hasNext()) {
            Node node = oldest.next();
            if (node != inUse) {
                weigh(node, 0);
                oldest.remove();
            }
        }
    }

    /** The one that was used longest ago. */
    private void forgetDevice(Node node) {
        var devices = node.byDevice.entrySet().iterator();
        if (devices.hasNext()) {
            var oldest = devices.next();
            devices.remove();
            weigh(node, node.weight - weight(oldest.getKey(), oldest.getValue()));
        } else {
            large.remove(node);
        }
    }

    private void count(SparkplugTopic topic, Node node, StoredMessage stored, long seq) {
        boolean startsAnew = topic.type() == SparkplugTopic.Type.NBIRTH;
        long expected = node.seq.isPresent() ? (node.seq.getAsLong() + 1) & 0xFF : seq;
        boolean again = stored.message().duplicate() && node.seq.equals(OptionalLong.of(seq));
        if (!startsAnew && !again && seq != expected) {
            log.gap(topic, stored.position(), expected, seq);
        }
        node.seq = OptionalLong.of(seq);
    }

    /**
     * What aliases in a message stand for. Commands come from others than the edge node, so that no births are followed in their
     * lanes: of each of them the buffer is asked once.
     */
    AliasNames names(StoredMessage stored) {
        Map<String, Birth> asked = new HashMap<>();
        return new AliasNames() {
            @Override
            public Optional<Named> of(SparkplugTopic topic, long alias) {
                Birth birth = topic.type().isCommand()
                        ? asked.computeIfAbsent(topic.birth(), of -> current(topic, stored.position()))
                        : birthOf(topic, node(topic, stored.lane()), stored.position());
                return birth.names().of(alias);
            }

            @Override
            public void missing(SparkplugTopic topic) {
                if (!topic.type().isCommand()) {
                    nameless(topic, node(topic, stored.lane()), stored.position());
                }
            }
        };
    }

    private void nameless(SparkplugTopic topic, Node node, long position) {
        log.unknownAlias();
        if (!node.rebirthTold) {
            node.rebirthTold = true;
            log.rebirthNeeded(topic, position);
        }
    }

    private Birth birthOf(SparkplugTopic topic, Node node, long before) {
        Birth own = node.own;
        if (own == null) {
            own = ask(topic.nodeBirth(), before);
            rememberOwn(node, own);
        }
        if (topic.device().isEmpty()) {
            return own;
        }
        String device = topic.device().get();
        Birth known = node.byDevice.get(device);
        if (known == null) {
            Birth asked = ask(topic.birth(), before);
            known = asked.position() < own.position() ? Birth.NONE : asked;
            remember(node, device, known);
        }
        return known;
    }

    private Birth current(SparkplugTopic topic, long before) {
        Birth own = ask(topic.nodeBirth(), before);
        if (topic.device().isEmpty()) {
            return own;
        }
        Birth ofDevice = ask(topic.birth(), before);
        return ofDevice.position() < own.position() ? Birth.NONE : ofDevice;
    }

    private Birth ask(String topic, long before) {
        return buffer.birth(topic, before).map(EdgeNodes::read).orElse(Birth.NONE);
    }
}
