package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttClientState;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3ClientBuilder;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3SubAckException;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** HiveMQ's client for MQTT 3.1.1. */
final class HivemqThree implements RealClient {

    private final Mqtt3BlockingClient client;
    private final boolean lasting;
    private final List<Publication> received = new CopyOnWriteArrayList<>();

    HivemqThree(Settings settings) {
        Mqtt3ClientBuilder builder = Hivemq.builder(settings).useMqttVersion3();
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

    private static Mqtt3Publish message(Publication publication) {
        return Mqtt3Publish.builder()
                .topic(publication.topic())
                .payload(publication.payload().getBytes(UTF_8))
                .qos(MqttQos.fromCode(publication.qos()))
                .retain(publication.retained())
                .build();
    }

    @Override
    public boolean connect() {
        return client.connectWith().cleanSession(!lasting).send().isSessionPresent();
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
        return thrown instanceof Mqtt3ConnAckException connack
                ? connack.getMqttMessage().getReturnCode().getCode()
                : ((Mqtt3SubAckException) thrown)
                        .getMqttMessage()
                        .getReturnCodes()
                        .get(0)
                        .getCode();
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
