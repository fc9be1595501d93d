package io.sluice.broker.door.client;

import io.sluice.broker.packet.Reason;
import io.sluice.message.TopicFilter;
import java.util.List;

/**
 * Checks that the filters of a SUBSCRIBE or UNSUBSCRIBE are valid, and not too deep for Moquette's recursive parser.
 */
public final class SubscribeCheck {

    static final String SHARED = "$share/";

    private static final int MAX_LEVELS = 128;

    private SubscribeCheck() {}

    /** {@link Reason#SUCCESS}, or why the connection must be closed. */
    public static Reason check(List<String> filters) {
        if (filters.isEmpty()) {
            // [MQTT-3.8.3-2], [MQTT-3.10.3-2]
            return Reason.PROTOCOL_ERROR;
        }
        return filters.stream().allMatch(SubscribeCheck::isValid) ? Reason.SUCCESS : Reason.TOPIC_FILTER_INVALID;
    }

    private static boolean isValid(String filter) {
        return (filter.startsWith(SHARED) || filter.equals("$share")) ? isValidShare(filter) : isValidFilter(filter);
    }

    /** The part of a valid filter that chooses messages. */
    static String withoutShare(String filter) {
        return filter.startsWith(SHARED) ? filter.substring(filter.indexOf('/', SHARED.length()) + 1) : filter;
    }

    /** [MQTT-4.8.2-1], [MQTT-4.8.2-2] */
    private static boolean isValidShare(String filter) {
        int start = SHARED.length();
        int end = filter.indexOf('/', start);
        return end > start
                && filter.substring(start, end).chars().noneMatch(c -> c == '+' || c == '#')
                && !filter.startsWith("$share", end + 1)
                && isValidFilter(filter.substring(end + 1));
    }

    private static boolean isValidFilter(String filter) {
        if (filter.chars().filter(c -> c == '/').count() >= MAX_LEVELS) {
            return false;
        }
        try {
            TopicFilter.of(filter);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
