package io.sluice.tools.mqtt;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttClientSslConfigBuilder;
import io.sluice.tools.ExitCode;
import io.sluice.tools.ToolException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/** Whom a client trusts, and what it shows. */
final class ClientTls {

    private ClientTls() {}

    @SuppressWarnings("CheckReturnValue") // builders change in place
    static MqttClientSslConfig of(MqttLogin login) {
        MqttClientSslConfigBuilder config = MqttClientSslConfig.builder();
        login.trusted().ifPresent(file -> config.trustManagerFactory(trusting(file)));
        login.certificate().ifPresent(store -> config.keyManagerFactory(showing(store)));
        return config.build();
    }

    private static TrustManagerFactory trusting(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("trusted-" + number++, certificate);
            }
            if (number == 0) {
                throw unreadable(file, "it has no certificate");
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory;
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(file, e.toString());
        }
    }

    private static KeyManagerFactory showing(MqttLogin.KeyStoreFile file) {
        try {
            char[] password = file.password().toCharArray();
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(KeyStore.getInstance(file.file().toFile(), password), password);
            return factory;
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(file.file(), e.toString());
        }
    }

    private static ToolException unreadable(Path file, String why) {
        return new ToolException(ExitCode.USAGE, "The certificates in " + file + " cannot be used: " + why + ".");
    }
}
