package io.sluice.broker;

import io.moquette.broker.Server;
import io.moquette.broker.SessionRegistry;
import io.moquette.broker.subscriptions.ISubscriptionsDirectory;
import io.moquette.broker.subscriptions.Topic;
import io.moquette.interception.BrokerInterceptor;
import io.moquette.interception.messages.InterceptPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether anybody behind the front door waits for a publish: a subscriber, the retained message of its topic, or a
 * handler that Moquette was given. With what nobody waits for, Moquette has nothing to do but to find that out, for
 * nearly what it costs to capture it.
 *
 * <p>Moquette shows its subscriptions to nobody, so they are taken from a private field; in a Moquette that has others,
 * and until the server has been started, everything is waited for. Thread-safe.
 */
final class Audience {

    private static final Logger LOG = LoggerFactory.getLogger(Audience.class);

    private final Server server;
    private volatile @Nullable Known known;

    /**
     * @param publishHandlers Moquette's own list, which changes
     */
    private record Known(ISubscriptionsDirectory subscriptions, Collection<?> publishHandlers) {}

    /** Of a server that is about to be started. */
    Audience(Server server) {
        this.server = server;
    }

    /** The server has been started. */
    void begin() {
        try {
            BrokerInterceptor interceptor =
                    PrivateField.value(Server.class, "interceptor", server, BrokerInterceptor.class);
            Object handlers = PrivateField.value(BrokerInterceptor.class, "handlers", interceptor, Map.class)
                    .get(InterceptPublishMessage.class);
            if (!(handlers instanceof Collection<?> publishHandlers)) {
                throw new NoSuchFieldException("handlers of publishes");
            }
            known = new Known(
                    PrivateField.value(
                            SessionRegistry.class,
                            "subscriptionsDirectory",
                            PrivateField.value(Server.class, "sessions", server, SessionRegistry.class),
                            ISubscriptionsDirectory.class),
                    publishHandlers);
        } catch (ReflectiveOperationException | ClassCastException e) {
            LOG.warn("This Moquette keeps its subscriptions in another way: every publish is shown to it", e);
        }
    }

    /** Whether a publish, whose publisher has no subscription under way, has to go on to Moquette. */
    boolean awaits(MqttPublishMessage publish) {
        Known asked = known;
        return asked == null
                || publish.fixedHeader().isRetain()
                || !asked.publishHandlers.isEmpty()
                || !asked.subscriptions
                        .matchWithoutQosSharpening(
                                new Topic(publish.variableHeader().topicName()))
                        .isEmpty();
    }
}
