package io.sluice.tools.mqtt;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttClientSslConfigBuilder;
import com.hivemq.client.mqtt.MqttClientTransportConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfigBuilder;
import com.hivemq.client.mqtt.MqttWebSocketConfig;
import io.sluice.tools.Trust;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;

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
            transport.sslConfig(tls(login));
        }
        login.broker()
                .webSocketPath()
                .ifPresent(path -> transport.webSocketConfig(
                        MqttWebSocketConfig.builder().serverPath(path).build()));
        return transport.build();
    }

    /** Whom a client trusts, and what it shows. */
    @SuppressWarnings("CheckReturnValue") // builders change in place
    private static MqttClientSslConfig tls(MqttLogin login) {
        MqttClientSslConfigBuilder config = MqttClientSslConfig.builder();
        login.trusted().ifPresent(file -> config.trustManagerFactory(Trust.of(file)));
        login.certificate().ifPresent(store -> config.keyManagerFactory(showing(store)));
        return config.build();
    }

    private static KeyManagerFactory showing(MqttLogin.KeyStoreFile file) {
        try {
            char[] password = file.password().toCharArray();
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(KeyStore.getInstance(file.file().toFile(), password), password);
            return factory;
        } catch (IOException | GeneralSecurityException e) {
            throw Trust.unreadable(file.file(), e.toString());
        }
    }
}
