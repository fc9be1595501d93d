package io.sluice.connect.format.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.format.schema.ScalarType.Found;
import io.sluice.connect.format.schema.ScalarType.Kind;
import io.sluice.connect.json.JsonPayload;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.function.ToLongFunction;
import org.apache.kafka.connect.data.Date;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;

/** Days, times of day, and moments: as texts of ISO 8601, or as the numbers that Avro has for them. */
public final class TimeTypes {

    private static final long MS_PER_DAY = Duration.ofDays(1).toMillis();

    /** The years 1 to 9999: the converter for Protobuf fails at other moments. */
    static final long LEAST_MS = -62_135_596_800_000L;

    public static final long MOST_MS = 253_402_300_799_999L;

    static final Kind DATE = new Kind(
            "a date such as 2026-03-04, or days since 1970",
            Date::builder,
            (value, found) ->
                    moment(value, found, LEAST_MS / MS_PER_DAY, MOST_MS / MS_PER_DAY, TimeTypes::day, MS_PER_DAY));
    static final Kind TIME = new Kind(
            "a time of day such as 05:06:07, or milliseconds since midnight",
            Time::builder,
            (value, found) -> moment(value, found, 0, MS_PER_DAY - 1, TimeTypes::timeOfDay, 1));
    static final Kind TIMESTAMP = new Kind(
            "a time such as 2026-03-04T05:06:07Z, or milliseconds since 1970",
            Timestamp::builder,
            (value, found) -> moment(value, found, LEAST_MS, MOST_MS, TimeTypes::instant, 1));

    private TimeTypes() {}

    private static java.util.Date moment(
            JsonNode value, Found found, long least, long most, ToLongFunction<String> parser, long msPerUnit)
            throws UnmappableException {
        try {
            String number = JsonPayload.number(value);
            long units = number == null ? parser.applyAsLong(TextTypes.text(value, found)) : Long.parseLong(number);
            if (units >= least && units <= most) {
                return java.util.Date.from(Instant.ofEpochMilli(units * msPerUnit));
            }
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            // Said below.
        }
        throw found.instead(value.isTextual() ? "another text" : "another number");
    }

    private static long day(String text) {
        return LocalDate.parse(text).toEpochDay();
    }

    private static long timeOfDay(String text) {
        TemporalAccessor parsed = DateTimeFormatter.ISO_TIME.parseBest(text, OffsetTime::from, LocalTime::from);
        return (parsed instanceof OffsetTime time ? time.withOffsetSameInstant(ZoneOffset.UTC) : parsed)
                .getLong(ChronoField.MILLI_OF_DAY);
    }

    /**
     * The moment that a text of ISO 8601 names, in milliseconds since the epoch; in UTC, if it names no zone.
     *
     * @throws DateTimeException if it is none
     * @throws ArithmeticException if it is too far away
     */
    public static long instant(String text) {
        TemporalAccessor parsed =
                DateTimeFormatter.ISO_DATE_TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
        return (parsed instanceof OffsetDateTime time
                        ? time.toInstant()
                        : ((LocalDateTime) parsed).toInstant(ZoneOffset.UTC))
                .toEpochMilli();
    }
}
