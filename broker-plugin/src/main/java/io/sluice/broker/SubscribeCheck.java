package io.sluice.broker;

import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;

/**
 * Whether a SUBSCRIBE can be shown to Moquette, whose session loop dies of a malformed shared subscription and whose
 * parser is recursive.
 */
final class SubscribeCheck {

    private static final String SHARE = "$share/";
    private static final int MAX_LEVELS = 128;

    private SubscribeCheck() {}

    /** {@link Reason#SUCCESS}, or why the connection must be closed. */
    static Reason check(MqttSubscribeMessage subscribe) {
        for (MqttTopicSubscription subscription : subscribe.payload().topicSubscriptions()) {
            if (!isWellFormed(subscription.topicFilter())) {
                return Reason.TOPIC_FILTER_INVALID;
            }
        }
        return Reason.SUCCESS;
    }

    /** Whether a filter of SUBSCRIBE or UNSUBSCRIBE is one that Moquette survives ([MQTT-4.8.2-1], [MQTT-4.8.2-2]). */
    static boolean isWellFormed(String filter) {
        if (filter.isEmpty() || filter.chars().filter(c -> c == '/').count() >= MAX_LEVELS) {
            return false;
        }
        if (!filter.startsWith("$share")) {
            return true;
        }
        int endOfName = filter.startsWith(SHARE) ? filter.indexOf('/', SHARE.length()) : -1;
        if (endOfName <= SHARE.length() || endOfName == filter.length() - 1) {
            return false;
        }
        return filter.substring(SHARE.length(), endOfName).chars().noneMatch(c -> c == '+' || c == '#');
    }
}
