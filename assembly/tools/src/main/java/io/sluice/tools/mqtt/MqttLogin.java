package io.sluice.tools.mqtt;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a client connects.
 *
 * @param broker where to
 * @param version of MQTT, 3 or 5
 * @param clientId its id; the broker, or the client itself with version 3, chooses one if it is empty
 * @param trusted file of certificates (PEM) that are trusted in place of those that Java trusts
 * @param certificate its own certificate, if the broker wants one
 * @param will what the broker publishes when the client is lost
 */
public record MqttLogin(
        BrokerAddress broker,
        int version,
        Optional<String> clientId,
        Optional<String> username,
        Optional<String> password,
        Optional<Path> trusted,
        Optional<KeyStoreFile> certificate,
        Optional<MqttMessage> will) {

    /**
     * A key and its certificate.
     *
     * @param file a key store (PKCS#12)
     * @param password of the file and of the key
     */
    public record KeyStoreFile(Path file, String password) {}

    /** Shows no secret. */
    @Override
    public String toString() {
        return broker + " as " + username.orElse("nobody");
    }
}
