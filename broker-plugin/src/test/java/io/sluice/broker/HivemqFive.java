package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttClientState;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubRecException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** HiveMQ's client for MQTT 5. */
final class HivemqFive implements RealClient {

    private final Mqtt5BlockingClient client;
    private final boolean lasting;
    private final List<Publication> received = new CopyOnWriteArrayList<>();

    HivemqFive(Settings settings) {
        Mqtt5ClientBuilder builder = Hivemq.builder(settings).useMqttVersion5();
        if (settings.will().isPresent()) {
            builder = builder.willPublish(message(settings.will().get()));
        }
        if (settings.user().isPresent()) {
            builder = builder.simpleAuth()
                    .username(settings.user().get())
                    .password(settings.password().getBytes(UTF_8))
                    .applySimpleAuth();
        }
        lasting = settings.lasting();
        client = builder.buildBlocking();
        client.toAsync()
                .publishes(
                        MqttGlobalPublishFilter.ALL,
                        publish -> received.add(new Publication(
                                publish.getTopic().toString(),
                                new String(publish.getPayloadAsBytes(), UTF_8),
                                publish.getQos().getCode(),
                                publish.isRetain())));
    }

    private static Mqtt5Publish message(Publication publication) {
        return Mqtt5Publish.builder()
                .topic(publication.topic())
                .payload(publication.payload().getBytes(UTF_8))
                .qos(MqttQos.fromCode(publication.qos()))
                .retain(publication.retained())
                .build();
    }

    @Override
    public boolean connect() {
        return client.connectWith()
                .cleanStart(!lasting)
                .sessionExpiryInterval(lasting ? 86_400 : 0)
                .send()
                .isSessionPresent();
    }

    @Override
    public void publish(Publication publication) {
        client.publish(message(publication));
    }

    @Override
    public void subscribe(String filter, int qos) {
        client.subscribeWith().topicFilter(filter).qos(MqttQos.fromCode(qos)).send();
    }

    @Override
    public void unsubscribe(String filter) {
        client.unsubscribeWith().topicFilter(filter).send();
    }

    @Override
    public List<Publication> received() {
        return received;
    }

    @Override
    public int refusal(Throwable thrown) {
        if (thrown instanceof Mqtt5ConnAckException connack) {
            return connack.getMqttMessage().getReasonCode().getCode();
        }
        if (thrown instanceof Mqtt5SubAckException suback) {
            return suback.getMqttMessage().getReasonCodes().get(0).getCode();
        }
        if (thrown instanceof Mqtt5PubRecException pubrec) {
            return pubrec.getMqttMessage().getReasonCode().getCode();
        }
        if (thrown instanceof Mqtt5DisconnectException disconnect) {
            return disconnect.getMqttMessage().getReasonCode().getCode();
        }
        return ((Mqtt5PubAckException) thrown).getMqttMessage().getReasonCode().getCode();
    }

    @Override
    public boolean isConnected() {
        return client.getState() == MqttClientState.CONNECTED;
    }

    @Override
    public void disconnect() {
        client.disconnect();
    }

    @Override
    public void close() {
        if (isConnected()) {
            client.disconnect();
        }
    }
}
