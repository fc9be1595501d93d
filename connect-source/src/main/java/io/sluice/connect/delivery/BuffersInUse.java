package io.sluice.connect.delivery;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where the tasks of a connector in this process found the buffers that they drain. Thread-safe.
 */
final class BuffersInUse {

    private static final Map<Key, Use> IN_USE = new ConcurrentHashMap<>();

    private BuffersInUse() {}

    private record Key(String connector, String buffer) {}

    private record Use(String place, int tasks) {}

    /** @throws SameBufferException if a buffer of the same id was found elsewhere */
    static void begin(String connector, String buffer, String place) {
        IN_USE.merge(new Key(connector, buffer), new Use(place, 1), (use, first) -> {
            if (!use.place().equals(place)) {
                throw new SameBufferException(use.place(), place, buffer);
            }
            return new Use(place, use.tasks() + 1);
        });
    }

    static void end(String connector, String buffer) {
        IN_USE.computeIfPresent(
                new Key(connector, buffer),
                (key, use) -> use.tasks() == 1 ? null : new Use(use.place(), use.tasks() - 1));
    }
}
