package io.sluice.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallbackExtended;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Subscribes with QoS 1, queues without bound, and hands over a thousand at a time. */
public final class PahoSourceTask extends SourceTask {

    static final String BROKER = "mqtt.uri";
    static final String TOPIC = "kafka.topic";

    private static final Logger LOG = LoggerFactory.getLogger(PahoSourceTask.class);
    private static final int AT_ONCE = 1_000;

    private final BlockingQueue<SourceRecord> queue = new LinkedBlockingQueue<>();
    private @Nullable MqttClient client;

    @Override
    public String version() {
        return "1";
    }

    @Override
    public void start(Map<String, String> props) {
        String topic = String.valueOf(props.get(TOPIC));
        try {
            MqttClient subscriber = new MqttClient(
                    String.valueOf(props.get(BROKER)), "connector-" + System.nanoTime(), new MemoryPersistence());
            MqttConnectOptions options = new MqttConnectOptions();
            options.setAutomaticReconnect(true);
            // A session that lasts, with its subscription, and one that is subscribed again if the broker lost it.
            options.setCleanSession(false);
            subscriber.setCallback(new Resubscription(subscriber, topic));
            subscriber.connect(options);
            client = subscriber;
        } catch (MqttException e) {
            throw new ConnectException(e);
        }
    }

    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        SourceRecord first = queue.poll(500, TimeUnit.MILLISECONDS);
        if (first == null) {
            return null;
        }
        List<SourceRecord> records = new ArrayList<>(List.of(first));
        queue.drainTo(records, AT_ONCE - 1);
        return records;
    }

    @Override
    public void stop() {
        try {
            if (client != null) {
                client.disconnect();
                client.close();
            }
        } catch (MqttException e) {
            throw new ConnectException(e);
        }
    }

    /** Subscribes whenever a connection is there, and queues what comes. */
    private final class Resubscription implements MqttCallbackExtended {

        private final MqttClient subscriber;
        private final String topic;

        Resubscription(MqttClient subscriber, String topic) {
            this.subscriber = subscriber;
            this.topic = topic;
        }

        @Override
        public void connectComplete(boolean again, String uri) {
            try {
                subscriber.subscribe("bench/#", 1);
            } catch (MqttException e) {
                // The connection is lost again, and comes back again.
                LOG.warn("Cannot subscribe at {}", uri, e);
            }
        }

        @Override
        public void messageArrived(String mqttTopic, MqttMessage message) {
            queue.add(new SourceRecord(
                    Map.of(),
                    Map.of(),
                    topic,
                    Schema.STRING_SCHEMA,
                    mqttTopic,
                    Schema.BYTES_SCHEMA,
                    message.getPayload()));
        }

        @Override
        public void connectionLost(Throwable cause) {
            LOG.warn("The connection is lost, and comes back", cause);
        }

        @Override
        public void deliveryComplete(IMqttDeliveryToken token) {}
    }
}
