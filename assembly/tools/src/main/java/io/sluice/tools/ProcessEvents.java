package io.sluice.tools;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Some of what has happened in a worker or a standalone broker.
 *
 * @param first from this number on none was forgotten
 * @param last the number of the last event; 0: there was none
 * @param startedAt when the process began: with it, numbers begin anew
 * @param events by rising numbers
 */
public record ProcessEvents(long first, long last, String startedAt, List<Event> events) {

    /** Refuses what another program answers, which has other fields. */
    public ProcessEvents {
        Objects.requireNonNull(startedAt);
        Objects.requireNonNull(events);
    }

    /**
     * Something that happened.
     *
     * @param kind lifecycle, statistics or errors
     * @param event which, such as {@code task.started}
     * @param broker to which broker, or null
     * @param connector to which connector, or null
     * @param task to which of its tasks, or null
     * @param text one sentence
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Event(
            long seq,
            String time,
            String kind,
            String event,
            @Nullable String broker,
            @Nullable String connector,
            @Nullable Integer task,
            String text,
            Map<String, Object> fields) {}
}
