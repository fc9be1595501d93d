package io.sluice.tools.mqtt;

import com.hivemq.client.mqtt.MqttClientTransportConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfigBuilder;
import com.hivemq.client.mqtt.MqttWebSocketConfig;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How clients of both versions reach their broker. */
final class MqttTransport {

    /** How long a broker may take to accept a connection. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private MqttTransport() {}

    @SuppressWarnings("CheckReturnValue") // builders change in place
    static MqttClientTransportConfig of(MqttLogin login) {
        MqttClientTransportConfigBuilder transport = MqttClientTransportConfig.builder()
                .serverHost(login.broker().host())
                .serverPort(login.broker().port())
                .socketConnectTimeout(CONNECT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .mqttConnectTimeout(CONNECT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        if (login.broker().tls()) {
            transport.sslConfig(ClientTls.of(login));
        }
        login.broker()
                .webSocketPath()
                .ifPresent(path -> transport.webSocketConfig(
                        MqttWebSocketConfig.builder().serverPath(path).build()));
        return transport.build();
    }
}
