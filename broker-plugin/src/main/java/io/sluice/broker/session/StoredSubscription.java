package io.sluice.broker.session;

import java.util.OptionalInt;

/**
 * A subscription with its options (MQTT 5 section 3.8.3.1).
 *
 * @param clientId MQTT client identifier
 * @param filter topic filter, of a shared subscription with {@code $share/} and its name
 * @param qos the quality of service that was granted: 0, 1 or 2
 * @param noLocal whether the client's own messages are left out
 * @param retainAsPublished whether messages keep their RETAIN flag
 * @param retainHandling which retained messages are sent when subscribing: 0, 1 or 2
 * @param identifier subscription identifier, 1 to 268,435,455
 */
public record StoredSubscription(
        String clientId,
        String filter,
        int qos,
        boolean noLocal,
        boolean retainAsPublished,
        int retainHandling,
        OptionalInt identifier) {}
