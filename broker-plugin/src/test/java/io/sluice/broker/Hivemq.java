package io.sluice.broker;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.MqttClientSslConfig;

/** What HiveMQ's clients of both versions of MQTT share. */
final class Hivemq {

    private Hivemq() {}

    static MqttClientBuilder builder(RealClient.Settings settings) {
        MqttClientBuilder builder = MqttClient.builder()
                .identifier(settings.clientId())
                .serverHost("127.0.0.1")
                .serverPort(settings.port());
        if (settings.isWebSocket()) {
            builder = builder.webSocketConfig().serverPath("mqtt").applyWebSocketConfig();
        }
        if (settings.transport().isEncrypted()) {
            RealClient.Trust trust = settings.trust().orElseThrow();
            builder = builder.sslConfig(MqttClientSslConfig.builder()
                    .trustManagerFactory(trust.trusted())
                    .keyManagerFactory(trust.shown().orElse(null))
                    .build());
        }
        return builder;
    }
}
