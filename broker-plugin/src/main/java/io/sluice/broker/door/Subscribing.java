package io.sluice.broker.door;

import io.moquette.broker.MoquetteClient;
import io.moquette.broker.security.IAuthorizatorPolicy;
import io.moquette.broker.subscriptions.Topic;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.sluice.broker.memory.StoredSubscription;
import io.sluice.broker.packet.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** What becomes of one connection's SUBSCRIBEs, filter by filter (MQTT 5 section 3.8). Not thread-safe. */
final class Subscribing {

    private static final int FAILURE = 0x80;

    private final Client client;
    private final MoquetteClient moquette;
    private final Terms terms;
    private final IAuthorizatorPolicy authorizator;

    Subscribing(Client client, MoquetteClient moquette, Terms terms, IAuthorizatorPolicy authorizator) {
        this.client = client;
        this.moquette = moquette;
        this.terms = terms;
        this.authorizator = authorizator;
    }

    /**
     * What becomes of a SUBSCRIBE.
     *
     * @param refusal why the connection must be closed, or {@link Reason#SUCCESS}
     * @param taken the subscriptions that the client may have
     * @param codes what SUBACK says of each filter
     */
    record Decision(Reason refusal, List<StoredSubscription> taken, List<Integer> codes) {}

    Decision decide(MqttSubscribeMessage subscribe) {
        List<MqttTopicSubscription> asked = subscribe.payload().topicSubscriptions();
        List<? extends MqttProperty<?>> identifiers = identifiers(subscribe);
        Reason refusal = SubscribeCheck.check(
                asked.stream().map(MqttTopicSubscription::topicFilter).toList());
        if (refusal == Reason.SUCCESS
                && (identifiers.size() > 1
                        || isZero(identifiers)
                        || asked.stream().anyMatch(Subscribing::isLocalToShare))) {
            // Section 3.8.2.1.2, [MQTT-3.8.3-4]
            refusal = Reason.PROTOCOL_ERROR;
        }
        if (refusal != Reason.SUCCESS) {
            return new Decision(refusal, List.of(), List.of());
        }
        OptionalInt identifier = !identifiers.isEmpty() && identifiers.get(0) instanceof IntegerProperty number
                ? OptionalInt.of(number.value())
                : OptionalInt.empty();
        List<StoredSubscription> taken = new ArrayList<>();
        Set<String> filters = new HashSet<>(moquette.filters());
        List<Integer> codes = new ArrayList<>();
        for (MqttTopicSubscription one : asked) {
            Reason reason = addTo(filters, one.topicFilter());
            if (reason == Reason.SUCCESS) {
                taken.add(stored(one, identifier));
                codes.add(one.option().qos().value());
            } else {
                codes.add(client.speaksMqtt5() ? Byte.toUnsignedInt(reason.code()) : FAILURE);
            }
        }
        return new Decision(Reason.SUCCESS, taken, codes);
    }

    private static boolean isZero(List<? extends MqttProperty<?>> identifiers) {
        return !identifiers.isEmpty() && identifiers.get(0) instanceof IntegerProperty number && number.value() == 0;
    }

    @SuppressWarnings("unchecked") // Netty gives what it was given
    private static List<? extends MqttProperty<?>> identifiers(MqttSubscribeMessage subscribe) {
        return (List<? extends MqttProperty<?>>) subscribe
                .idAndPropertiesVariableHeader()
                .properties()
                .getProperties(MqttPropertyType.SUBSCRIPTION_IDENTIFIER.value());
    }

    /** Adds a filter to those of the client, or says why it may not have it. */
    private Reason addTo(Set<String> filters, String filter) {
        if (!mayRead(filter)) {
            return Reason.NOT_AUTHORIZED;
        }
        if (!filters.contains(filter) && filters.size() >= terms.maxSubscriptions()) {
            return Reason.QUOTA_EXCEEDED;
        }
        filters.add(filter);
        return Reason.SUCCESS;
    }

    private boolean mayRead(String filter) {
        Topic topic = new Topic(SubscribeCheck.withoutShare(filter));
        return terms.fanout() && authorizator.canRead(topic, client.username().orElse(null), client.id());
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
