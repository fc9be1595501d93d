package io.sluice.benchmark;

import io.moquette.BrokerConstants;
import io.moquette.broker.Server;
import io.moquette.broker.config.IConfig;
import io.moquette.broker.config.MemoryConfig;
import io.moquette.interception.AbstractInterceptHandler;
import io.moquette.interception.InterceptHandler;
import io.moquette.interception.messages.InterceptPublishMessage;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The program that Sluice is compared with: Moquette as it is, alone or with the interceptor that one writes in an
 * afternoon, which hands each publish to a Kafka producer.
 *
 * <p>Arguments: port, how many commands a session loop's queue holds, and for the interceptor Kafka's address and topic.
 */
public final class MoquetteProgram {

    private MoquetteProgram() {}

    /** Runs until the process is ended. */
    public static void main(String[] arguments) throws IOException {
        Properties settings = new Properties();
        settings.setProperty(IConfig.HOST_PROPERTY_NAME, "127.0.0.1");
        settings.setProperty(IConfig.PORT_PROPERTY_NAME, arguments[0]);
        settings.setProperty(IConfig.SESSION_QUEUE_SIZE, arguments[1]);
        settings.setProperty(IConfig.ALLOW_ANONYMOUS_PROPERTY_NAME, "true");
        settings.setProperty(IConfig.ENABLE_TELEMETRY_NAME, "false");
        settings.setProperty(IConfig.PERSISTENCE_ENABLED_PROPERTY_NAME, "false");
        // By default it takes nothing above 8,092 bytes.
        settings.setProperty(IConfig.NETTY_MAX_BYTES_PROPERTY_NAME, "1000000");
        settings.setProperty(IConfig.WEB_SOCKET_PORT_PROPERTY_NAME, BrokerConstants.DISABLED_PORT_BIND);
        List<InterceptHandler> interceptors =
                arguments.length > 2 ? List.of(new ToKafka(arguments[2], arguments[3])) : List.of();
        new Server().startServer(new MemoryConfig(settings), interceptors);
    }

    private static final class ToKafka extends AbstractInterceptHandler {

        private final KafkaProducer<String, byte[]> producer;
        private final String topic;

        ToKafka(String bootstrapServers, String topic) {
            this.topic = topic;
            this.producer = new KafkaProducer<>(
                    Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                    new StringSerializer(),
                    new ByteArraySerializer());
        }

        @Override
        public String getID() {
            return "to-kafka";
        }

        @Override
        public void onPublish(InterceptPublishMessage message) {
            producer.send(
                    new ProducerRecord<>(topic, message.getTopicName(), ByteBufUtil.getBytes(message.getPayload())));
            super.onPublish(message);
        }

        @Override
        public void onSessionLoopError(Throwable error) {
            throw new IllegalStateException(error);
        }
    }
}
