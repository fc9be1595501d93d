package io.sluice.broker.door.client;

import io.moquette.broker.subscriptions.Topic;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.sluice.broker.access.AccessControl;
import io.sluice.broker.access.AuditLog.Event;
import io.sluice.broker.packet.Reason;
import io.sluice.broker.session.StoredSubscription;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Decides about one connection's SUBSCRIBEs, filter by filter (MQTT 5 section 3.8). Not thread-safe. */
public final class SubscriptionGrants {

    private static final int FAILURE = 0x80;
    private static final int MOST_REMEMBERED = 256;
    private static final int MOST_REMEMBERED_CHARACTERS = 16 << 10;

    private final Client client;
    private final ClientLimits clientLimits;
    private final Set<String> denied = new HashSet<>();
    private final AccessControl access;
    private int rememberedCharacters;

    public SubscriptionGrants(Client client, ClientLimits clientLimits, AccessControl access) {
        this.client = client;
        this.clientLimits = clientLimits;
        this.access = access;
    }

    /**
     * What is said to a SUBSCRIBE.
     *
     * @param refusal why the connection must be closed, or {@link Reason#SUCCESS}
     * @param outcomes for each filter the subscription, or empty: the client may not have it
     * @param mqtt5 whether the client understands reasons
     */
    public record Decision(Reason refusal, List<Optional<StoredSubscription>> outcomes, boolean mqtt5) {

        /** The subscriptions that the client may have, if it does not have too many. */
        public List<StoredSubscription> wanted() {
            return outcomes.stream().flatMap(Optional::stream).toList();
        }

        /**
         * The codes of SUBACK, one for each filter.
         *
         * @param added for each that was wanted, whether the client might have one more
         */
        public List<Integer> codes(List<Boolean> added) {
            Iterator<Boolean> next = added.iterator();
            List<Integer> codes = new ArrayList<>();
            for (Optional<StoredSubscription> wanted : outcomes) {
                if (wanted.isEmpty()) {
                    codes.add(failure(Reason.NOT_AUTHORIZED));
                } else if (next.hasNext() && next.next()) {
                    codes.add(wanted.get().qos());
                } else {
                    codes.add(failure(Reason.QUOTA_EXCEEDED));
                }
            }
            return codes;
        }

        private int failure(Reason reason) {
            return mqtt5 ? Byte.toUnsignedInt(reason.code()) : FAILURE;
        }
    }

    /** Decides about a SUBSCRIBE, and leaves it as it is. */
    public Decision decide(MqttSubscribeMessage subscribe) {
        List<MqttTopicSubscription> asked = subscribe.payload().topicSubscriptions();
        List<? extends MqttProperty<?>> identifiers = identifiers(subscribe);
        OptionalInt identifier = !identifiers.isEmpty() && identifiers.get(0) instanceof IntegerProperty number
                ? OptionalInt.of(number.value())
                : OptionalInt.empty();
        Reason refusal = SubscribeCheck.check(
                asked.stream().map(MqttTopicSubscription::topicFilter).toList());
        if (refusal == Reason.SUCCESS
                && (identifiers.size() > 1
                        || identifier.equals(OptionalInt.of(0))
                        || asked.stream().anyMatch(SubscriptionGrants::isLocalToShare))) {
            // Section 3.8.2.1.2, [MQTT-3.8.3-4]
            refusal = Reason.PROTOCOL_ERROR;
        }
        if (refusal != Reason.SUCCESS) {
            return new Decision(refusal, List.of(), client.speaksMqtt5());
        }
        List<Optional<StoredSubscription>> outcomes = asked.stream()
                .map(one -> Optional.of(one)
                        .filter(known -> mayRead(known.topicFilter()))
                        .map(known -> stored(known, identifier)))
                .toList();
        return new Decision(Reason.SUCCESS, outcomes, client.speaksMqtt5());
    }

    @SuppressWarnings("unchecked") // Netty gives what it was given
    private static List<? extends MqttProperty<?>> identifiers(MqttSubscribeMessage subscribe) {
        return (List<? extends MqttProperty<?>>) subscribe
                .idAndPropertiesVariableHeader()
                .properties()
                .getProperties(MqttPropertyType.SUBSCRIPTION_IDENTIFIER.value());
    }

    private boolean mayRead(String filter) {
        Topic topic = new Topic(SubscribeCheck.withoutShare(filter));
        boolean mayRead = access.rights().canRead(topic, client.username().orElse(null), client.id())
                && client.grant().mayRead(topic.toString());
        if (!mayRead) {
            auditDenial(filter);
        }
        return clientLimits.fanout() && mayRead;
    }

    private void auditDenial(String filter) {
        if (denied.size() == MOST_REMEMBERED || rememberedCharacters > MOST_REMEMBERED_CHARACTERS) {
            denied.clear();
            rememberedCharacters = 0;
        }
        if (denied.add(filter)) {
            rememberedCharacters += filter.length();
            access.audit().say(Event.DENY, client.who(), "action", "subscribe", "topic", filter);
        }
    }

    private static boolean isLocalToShare(MqttTopicSubscription subscription) {
        return subscription.option().isNoLocal() && subscription.topicFilter().startsWith(SubscribeCheck.SHARED);
    }

    private StoredSubscription stored(MqttTopicSubscription subscription, OptionalInt identifier) {
        MqttSubscriptionOption option = subscription.option();
        return new StoredSubscription(
                client.id(),
                subscription.topicFilter(),
                option.qos().value(),
                // A bridge that speaks MQTT 3 wants what MQTT 5 has options for: no echo, and RETAIN as published.
                option.isNoLocal() || client.isBridge(),
                option.isRetainAsPublished() || client.isBridge(),
                option.retainHandling().value(),
                identifier);
    }
}
