package io.sluice.tools;

import io.sluice.buffer.Inspection;
import io.sluice.buffer.record.BufferException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where a connector is to go back to. */
public sealed interface RewindTarget {

    String EARLIEST = "earliest";

    /** All that the buffer has. */
    record Earliest() implements RewindTarget {}

    /** A position in the one buffer that the connector reads. */
    record Position(long first) implements RewindTarget {}

    /** What a broker has received since a time. */
    record Since(Instant time) implements RewindTarget {

        /**
         * The place in the buffer.
         *
         * @param dir the buffer's folder; empty for the one that the connector names
         * @throws ToolException if it is not on this machine, or has nothing from then on
         */
        Inspection.Place in(Connector connector, Optional<Path> dir) {
            Path folder = dir.or(() -> Optional.ofNullable(connector.config().get("buffer.dir"))
                            .map(Path::of))
                    .orElseThrow(() -> ToolException.usage(
                            "The connector " + connector.name() + " names no buffer.dir to find a time in; give the"
                                    + " folder with --buffer, or a position."));
            try {
                return Inspection.firstSince(folder, time)
                        .orElseThrow(() ->
                                ToolException.failed("The buffer in " + folder + " has nothing that was received at "
                                        + time + " or later; the connector stays where it is."));
            } catch (BufferException | IOException e) {
                throw ToolException.failed(
                        "The time cannot be found in the buffer: "
                                + (e instanceof BufferException ? e.getMessage() : folder + " cannot be read, " + e)
                                + ". Run this on the broker's machine as its user, or name a position.",
                        e);
            }
        }
    }

    /**
     * What somebody has written after {@code --to}.
     *
     * @throws ToolException if it is none of these
     */
    static RewindTarget of(String text) {
        if (text.equals(EARLIEST)) {
            return new Earliest();
        }
        if (text.matches("[0-9]{1,18}")) {
            return new Position(Long.parseLong(text));
        }
        try {
            return new Since(
                    AGO.matcher(text).matches()
                            ? Instant.now().minus(Duration.parse("PT" + text))
                            : OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            throw ToolException.usage(
                    "--to " + text + " is no position; it is earliest, a number from 0 on, a time such as"
                            + " 2026-03-04T05:06:07Z, or how long ago (15m).",
                    e);
        }
    }

    Pattern AGO = Pattern.compile("([0-9]+[hms])+");
}
