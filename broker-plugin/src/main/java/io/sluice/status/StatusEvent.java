package io.sluice.status;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Something that happened.
 *
 * @param sequence its number among all events of this process, from 1
 * @param kind what it is about
 * @param name which event, such as {@code task.started}
 * @param origin what it happened to
 * @param text one sentence
 * @param fields further facts: texts, numbers and lists of texts, by name
 */
public record StatusEvent(
        long sequence, Instant time, Kind kind, String name, Origin origin, String text, Map<String, ?> fields) {

    public StatusEvent {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /** About how long it is, in characters. */
    int characters() {
        return text.length() + fields.toString().length();
    }

    /** What events are about. */
    public enum Kind {
        /** Connectors, tasks and brokers that come, change and go. */
        LIFECYCLE,
        /** How much has passed. */
        STATISTICS,
        /** What is not as it should be. */
        ERRORS
    }

    /** What an event happened to: a broker, a connector, or one of its tasks. */
    public record Origin(Optional<String> broker, Optional<String> connector, OptionalInt task) {

        /** Nothing in particular. */
        public static final Origin NONE = new Origin(Optional.empty(), Optional.empty(), OptionalInt.empty());

        public static Origin broker(String name) {
            return new Origin(Optional.of(name), Optional.empty(), OptionalInt.empty());
        }

        public static Origin connector(String name) {
            return new Origin(Optional.empty(), Optional.of(name), OptionalInt.empty());
        }

        public static Origin task(String connector, int number) {
            return new Origin(Optional.empty(), Optional.of(connector), OptionalInt.of(number));
        }
    }
}
