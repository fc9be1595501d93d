package io.sluice.broker;

import java.util.List;

/**
 * Whether the filters of a SUBSCRIBE or UNSUBSCRIBE can be shown to Moquette, whose parser is recursive.
 *
 * <p>Shared subscriptions are refused, well-formed ones too: removing one changes, under the eyes of publishing threads,
 * a list from which they pick, and the session loop that finds it empty dies. CONNACK says that there are none (MQTT 5
 * section 3.2.2.3.13).
 */
final class SubscribeCheck {

    private static final String SHARED = "$share";
    private static final int MAX_LEVELS = 128;

    private SubscribeCheck() {}

    /** {@link Reason#SUCCESS}, or why the connection must be closed. */
    static Reason check(List<String> filters) {
        for (String filter : filters) {
            if (filter.startsWith(SHARED)) {
                return Reason.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED;
            }
            if (filter.isEmpty() || filter.chars().filter(c -> c == '/').count() >= MAX_LEVELS) {
                return Reason.TOPIC_FILTER_INVALID;
            }
        }
        return Reason.SUCCESS;
    }
}
