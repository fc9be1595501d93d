package io.sluice.connect.route;

import io.sluice.connect.format.ValueFormat;
import io.sluice.message.SparkplugTopic;
import io.sluice.message.TopicFilter;
import io.sluice.message.TopicFilterIndex;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A connector's routes. A message becomes one record for each route that takes it; which routes take an MQTT topic is
 * decided once, and remembered for the topics seen last that are not very long. Not thread-safe: used by the thread
 * that polls.
 */
public final class Routes {

    private static final int REMEMBERED_TOPICS = 10_000;

    /** In characters: a topic may have 64 KiB, and ten thousand such topics would fill the heap. */
    private static final int LONGEST_REMEMBERED_TOPIC = 256;

    private static final List<TopicFilter> BIRTHS = List.of(
            TopicFilter.of(SparkplugTopic.NAMESPACE + "+/NBIRTH/+"),
            TopicFilter.of(SparkplugTopic.NAMESPACE + "+/DBIRTH/+/+"));

    /** Stands for every device: no filter names it. */
    private static final String ANY_DEVICE = "\u0001";

    private final List<Route> routes;
    private final boolean haveSparkplug;

    /** Finds routes by their places in the list. */
    private final TopicFilterIndex<Integer> index;

    private final Map<String, List<Route>> byTopic = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, List<Route>> eldest) {
            return size() > REMEMBERED_TOPICS;
        }
    };

    /**
     * Routes. A message's records are made in the order of the names of its routes, whatever order they are given in, so
     * that an offset that names a route means the same in another configuration.
     */
    public Routes(List<Route> given) {
        this.routes = given.stream().sorted(Comparator.comparing(Route::name)).toList();
        this.haveSparkplug = routes.stream().anyMatch(route -> route.value().format() == ValueFormat.SPARKPLUG);
        this.index = TopicFilterIndex.of(
                IntStream.range(0, routes.size()).boxed().toList(),
                place -> routes.get(place).filters());
    }

    /** Every filter of every route, and those of the births that routes for Sparkplug B need, which may take other messages. */
    public List<TopicFilter> filters() {
        Stream<TopicFilter> births = haveSparkplug ? BIRTHS.stream() : Stream.empty();
        return Stream.concat(routes.stream().flatMap(route -> route.filters().stream()), births)
                .distinct()
                .toList();
    }

    public boolean haveSparkplug() {
        return haveSparkplug;
    }

    /**
     * Whether all messages with a sequence number of an edge node of Sparkplug B, and of its devices, are read. Births are
     * always.
     *
     * @param of any topic of the edge node
     */
    public boolean readAllOf(SparkplugTopic of) {
        return Arrays.stream(SparkplugTopic.Type.values())
                .filter(type -> type.hasSequence() && !type.isBirth())
                .map(type -> of.sibling(type, ANY_DEVICE))
                .noneMatch(topic -> find(topic).isEmpty());
    }

    /** The routes that take messages of an MQTT topic, by name. */
    public List<Route> takers(String topic) {
        List<Route> known = byTopic.get(topic);
        if (known != null) {
            return known;
        }
        List<Route> takers = find(topic);
        if (topic.length() <= LONGEST_REMEMBERED_TOPIC) {
            byTopic.put(topic, takers);
        }
        return takers;
    }

    private List<Route> find(String topic) {
        BitSet places = new BitSet();
        index.forEachMatch(topic, places::set);
        return places.stream().mapToObj(routes::get).toList();
    }
}
