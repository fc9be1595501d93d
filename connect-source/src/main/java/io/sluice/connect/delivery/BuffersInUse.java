package io.sluice.connect.delivery;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * Where the tasks of a connector in this process found the buffers that they drain. A buffer's positions are told apart by its
 * id: of two buffers with the same one, Kafka Connect would hold the positions of either for both, and messages would be
 * passed over. Thread-safe.
 */
final class BuffersInUse {

    private static final Map<Key, Use> IN_USE = new ConcurrentHashMap<>();

    private BuffersInUse() {}

    private record Key(String connector, String buffer) {}

    private record Use(String place, int tasks) {}

    /**
     * Notes that a task drains a buffer.
     *
     * @throws ConnectException if a buffer of the same id was found elsewhere
     */
    static void begin(String connector, String buffer, String place) {
        IN_USE.compute(new Key(connector, buffer), (key, use) -> {
            if (use == null) {
                return new Use(place, 1);
            }
            if (!use.place().equals(place)) {
                throw new ConnectException(use.place() + " and " + place + " serve the same buffer, " + buffer
                        + ": its folder or disk was copied, or one broker has two names. Leave one of them out of"
                        + " buffer.endpoints, or let the copy begin with an empty folder; until then none of its messages is"
                        + " delivered.");
            }
            return new Use(place, use.tasks() + 1);
        });
    }

    /** Notes that a task drains a buffer no longer. */
    static void end(String connector, String buffer) {
        IN_USE.computeIfPresent(
                new Key(connector, buffer),
                (key, use) -> use.tasks() == 1 ? null : new Use(use.place(), use.tasks() - 1));
    }
}
