package io.sluice.tools.mqtt;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5SimpleAuth;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5SimpleAuthBuilder;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** MQTT 5. */
final class MqttFive implements MqttSession {

    private final Mqtt5BlockingClient client;
    private final Mqtt5Publishes received;

    private MqttFive(Mqtt5BlockingClient client, Mqtt5Publishes received) {
        this.client = client;
        this.received = received;
    }

    @SuppressWarnings("CheckReturnValue") // builders change in place
    static MqttFive connect(MqttLogin login) {
        Mqtt5ClientBuilder builder = Mqtt5Client.builder().transportConfig(MqttTransport.of(login));
        login.clientId().ifPresent(builder::identifier);
        login.will().ifPresent(will -> builder.willPublish(will.five().asWill()));
        auth(login).ifPresent(builder::simpleAuth);
        Mqtt5BlockingClient client = builder.buildBlocking();
        Mqtt5Publishes received = client.publishes(MqttGlobalPublishFilter.ALL);
        client.connect();
        return new MqttFive(client, received);
    }

    @SuppressWarnings("CheckReturnValue") // builders change in place
    static Optional<Mqtt5SimpleAuth> auth(MqttLogin login) {
        Optional<byte[]> password = login.password().map(text -> text.getBytes(StandardCharsets.UTF_8));
        if (login.username().isEmpty()) {
            return password.map(
                    secret -> Mqtt5SimpleAuth.builder().password(secret).build());
        }
        Mqtt5SimpleAuthBuilder.Complete auth =
                Mqtt5SimpleAuth.builder().username(login.username().get());
        password.ifPresent(auth::password);
        return Optional.of(auth.build());
    }

    @Override
    public void publish(MqttMessage message, Duration patience) {
        BrokerAnswers.await(client.toAsync().publish(message.five()), message, patience);
    }

    @Override
    public void subscribe(List<String> filters, int qos) {
        try {
            client.subscribe(Mqtt5Subscribe.builder()
                    .addSubscriptions(filters.stream()
                            .map(filter -> Mqtt5Subscription.builder()
                                    .topicFilter(filter)
                                    .qos(MqttMessage.quality(qos))
                                    .build())
                            .toList())
                    .build());
        } catch (Mqtt5SubAckException e) {
            throw BrokerAnswers.refused(filters, e.getMqttMessage().getReasonCodes(), e);
        } catch (RuntimeException e) {
            throw BrokerAnswers.lost(e);
        }
    }

    @Override
    public Optional<MqttMessage> receive(Duration patience) {
        try {
            return received.receive(patience.toMillis(), TimeUnit.MILLISECONDS).map(MqttMessage::of);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (RuntimeException e) {
            throw BrokerAnswers.lost(e);
        }
    }

    @Override
    public void close() {
        received.close();
        if (client.getState().isConnected()) {
            client.disconnect();
        }
    }
}
