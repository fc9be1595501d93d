package io.sluice.tools.mqtt;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient.Mqtt3Publishes;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.Mqtt3ClientBuilder;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3SubAckException;
import com.hivemq.client.mqtt.mqtt3.message.auth.Mqtt3SimpleAuth;
import com.hivemq.client.mqtt.mqtt3.message.auth.Mqtt3SimpleAuthBuilder;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscribe;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** MQTT 3.1.1, which says of a message no more than topic, payload, QoS and whether it is kept. */
final class MqttThree implements MqttSession {

    private final Mqtt3BlockingClient client;
    private final Mqtt3Publishes received;

    private MqttThree(Mqtt3BlockingClient client, Mqtt3Publishes received) {
        this.client = client;
        this.received = received;
    }

    @SuppressWarnings("CheckReturnValue") // builders change in place
    static MqttThree connect(MqttLogin login) {
        Mqtt3ClientBuilder builder = Mqtt3Client.builder().transportConfig(MqttTransport.of(login));
        login.clientId().ifPresent(builder::identifier);
        login.will().ifPresent(will -> builder.willPublish(will.three()));
        auth(login).ifPresent(builder::simpleAuth);
        Mqtt3BlockingClient client = builder.buildBlocking();
        Mqtt3Publishes received = client.publishes(MqttGlobalPublishFilter.ALL);
        client.connect();
        return new MqttThree(client, received);
    }

    @SuppressWarnings("CheckReturnValue") // builders change in place
    private static Optional<Mqtt3SimpleAuth> auth(MqttLogin login) {
        return login.username().map(user -> {
            Mqtt3SimpleAuthBuilder.Complete auth = Mqtt3SimpleAuth.builder().username(user);
            login.password().map(text -> text.getBytes(StandardCharsets.UTF_8)).ifPresent(auth::password);
            return auth.build();
        });
    }

    @Override
    public void publish(MqttMessage message, Duration patience) {
        BrokerAnswers.await(client.toAsync().publish(message.three()), message, patience);
    }

    @Override
    public void subscribe(List<String> filters, int qos) {
        try {
            client.subscribe(Mqtt3Subscribe.builder()
                    .addSubscriptions(filters.stream()
                            .map(filter -> Mqtt3Subscription.builder()
                                    .topicFilter(filter)
                                    .qos(MqttMessage.quality(qos))
                                    .build())
                            .toList())
                    .build());
        } catch (Mqtt3SubAckException e) {
            throw BrokerAnswers.refused(filters, e.getMqttMessage().getReturnCodes(), e);
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
