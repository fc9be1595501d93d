package io.sluice.connect.route;

import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.format.schema.TimeTypes;
import java.time.DateTimeException;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The timestamps of a route's records.
 *
 * <p>Kafka refuses a timestamp that is more than an hour ahead of its own clock, unless told otherwise. So the time at which
 * a broker received a message is never taken to be later than it is on the worker: the clock of a broker that is ahead, or
 * was, costs the message its exact time and nothing else.
 *
 * <p>Immutable and thread-safe.
 */
public final class RecordTime {

    public static final RecordTime RECEIVED = new RecordTime("received", null);

    private static final String NONE = "none";

    private final String written;
    private final @Nullable Template template;

    private RecordTime(String written, @Nullable Template template) {
        this.written = written;
        this.template = template;
    }

    /**
     * The time that a text stands for: {@code received}, {@code none}, or a template.
     *
     * @throws IllegalArgumentException with one sentence that says what is wrong
     */
    public static RecordTime of(String text) {
        if (text.equals(RECEIVED.written)) {
            return RECEIVED;
        }
        if (text.equals(NONE)) {
            return new RecordTime(NONE, null);
        }
        Template template = Template.of(text);
        if (template.fixed().isPresent()) {
            throw new IllegalArgumentException(
                    "it is neither received nor none, nor a template with a placeholder such as {json:/time}");
        }
        return new RecordTime(text, template);
    }

    /**
     * The timestamp of a message's record, in milliseconds since the epoch; absent: that of the producer. A message
     * that lacks what the template asks for has the time at which it was received.
     *
     * @throws UnmappableException if what the template makes is no time
     */
    OptionalLong of(MessageFields fields) throws UnmappableException {
        if (written.equals(NONE)) {
            return OptionalLong.empty();
        }
        String made = template == null ? "" : template.renderAll(fields).orElse("");
        if (made.isEmpty()) {
            return OptionalLong.of(received(fields));
        }
        OptionalLong time = parse(made.strip());
        if (time.isEmpty() || time.getAsLong() < 0) {
            String shown = made.length() <= 40 ? made : made.substring(0, 40) + "…";
            throw new UnmappableException("'" + shown + "', made from record.timestamp " + written
                    + ", is neither milliseconds since 1970 nor a time as in 2026-03-04T05:06:07Z");
        }
        return time;
    }

    private static long received(MessageFields fields) {
        return Math.max(0, Math.min(fields.message().receivedAtMs(), System.currentTimeMillis()));
    }

    private static OptionalLong parse(String text) {
        try {
            if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return OptionalLong.of(Long.parseLong(text));
            }
            return OptionalLong.of(TimeTypes.instant(text));
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
