package io.sluice.broker.access;

import io.sluice.message.LogText;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs who connected, who disconnected and who was refused what, to the logger {@code io.sluice.audit}: one line of
 * names and values for each event. No line holds a password. The lines of each kind of event are limited, at once and a
 * second; the log says how many were left out. Thread-safe.
 */
public final class AuditLog {

    private static final Logger LOG = LoggerFactory.getLogger("io.sluice.audit");

    private static final int MOST_AT_ONCE = 1_000;
    private static final int A_SECOND = 10;
    private static final int LONGEST = 300;

    public enum Event {
        CONNECT,
        REFUSE,
        DISCONNECT,
        RENEW,
        /** A client may not publish or subscribe to a topic; once a client and topic. */
        DENY
    }

    /**
     * The client that an event is about.
     *
     * @param address where the client comes from
     * @param clientId its client identifier
     * @param user its user name, if it has one
     * @param certificate the subject of its certificate, if it has shown one
     */
    public record Who(String address, String clientId, Optional<String> user, Optional<String> certificate) {}

    private final Map<Event, Allowance> allowances = new EnumMap<>(Event.class);

    /** The number of lines that may be written now. */
    private static final class Allowance {
        private long sinceNanos = System.nanoTime();
        private double lines = MOST_AT_ONCE;
        private long leftOut;

        private boolean take(long nowNanos) {
            double more = (double) (nowNanos - sinceNanos) / TimeUnit.SECONDS.toNanos(1) * A_SECOND;
            lines = Math.min(MOST_AT_ONCE, lines + more);
            sinceNanos = nowNanos;
            if (lines < 1) {
                leftOut++;
                return false;
            }
            lines--;
            return true;
        }
    }

    /** Logs an event, with further names and values in turn. */
    public void say(Event event, Who who, String... more) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        long leftOut;
        synchronized (this) {
            Allowance allowance = allowances.computeIfAbsent(event, first -> new Allowance());
            if (!allowance.take(System.nanoTime())) {
                return;
            }
            leftOut = allowance.leftOut;
            allowance.leftOut = 0;
        }
        String name = event.name().toLowerCase(Locale.ROOT);
        if (leftOut > 0) {
            LOG.info("{} left_out={}", name, leftOut);
        }
        StringBuilder line = new StringBuilder(name);
        append(line, "address", who.address);
        append(line, "client", who.clientId);
        who.user.ifPresent(user -> append(line, "user", user));
        who.certificate.ifPresent(subject -> append(line, "certificate", subject));
        for (int i = 0; i + 1 < more.length; i += 2) {
            append(line, more[i], more[i + 1]);
        }
        LOG.info("{}", line);
    }

    /** Logs that a file was read again, or why it cannot be used. */
    static void reload(String what, Path file, String complaint) {
        StringBuilder line = new StringBuilder("reload");
        append(line, "what", what);
        append(line, "file", file.toString());
        append(line, "outcome", complaint.isEmpty() ? "in force" : "not used: " + complaint);
        LOG.info("{}", line);
    }

    /** A value stands in quotes, and what could end them, or the line, is escaped: devices choose their names. */
    private static void append(StringBuilder line, String name, String value) {
        line.append(' ').append(name).append("=\"");
        String fit = value.length() <= LONGEST ? value : value.substring(0, LONGEST) + "…";
        fit.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                line.append('\\').appendCodePoint(c);
            } else if (LogText.isInvisible(c)) {
                line.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                line.appendCodePoint(c);
            }
        });
        line.append('"');
    }
}
