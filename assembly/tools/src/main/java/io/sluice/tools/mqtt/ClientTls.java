package io.sluice.tools.mqtt;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttClientSslConfigBuilder;
import io.sluice.tools.Trust;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;

/** Whom a client trusts, and what it shows. */
final class ClientTls {

    private ClientTls() {}

    @SuppressWarnings("CheckReturnValue") // builders change in place
    static MqttClientSslConfig of(MqttLogin login) {
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
