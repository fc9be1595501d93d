package io.sluice.broker.session;

import io.sluice.message.Qos;
import java.util.List;

/**
 * A message taken from a session's queue, on its way to the client.
 *
 * @param publish the message
 * @param qos the quality of service it is to be delivered with
 * @param retained the RETAIN flag it is to be delivered with
 * @param subscriptionIdentifiers of the subscriptions that it matches
 * @param duplicate whether it was taken before, so that the client may have it already [MQTT-3.3.1-1]
 * @param sequence its number in the queue: later ones have greater numbers
 */
public record QueuedPublish(
        StoredPublish publish,
        Qos qos,
        boolean retained,
        List<Integer> subscriptionIdentifiers,
        boolean duplicate,
        long sequence) {

    public QueuedPublish {
        subscriptionIdentifiers = List.copyOf(subscriptionIdentifiers);
    }
}
