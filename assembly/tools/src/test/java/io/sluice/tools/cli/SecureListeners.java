package io.sluice.tools.cli;

import io.sluice.testkit.FreePort;
import io.sluice.testkit.KafkaServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/**
 * Listeners of a Kafka that speak TLS and ask who comes: one for names and passwords (SASL, SCRAM-SHA-512 and PLAIN) and for
 * tokens (OAUTHBEARER), and one for certificates. Its own certificate, which signs itself, lets in a client too.
 */
final class SecureListeners {

    /** Who may log in. */
    static final String USER = "sluice";

    /** The password of the user, and of the key store. */
    static final String PASSWORD = "secret-of-kafka";

    private static final int SCRAM_ROUNDS = 4096;
    private static final String MODULES = "org.apache.kafka.common.security.";

    private final int saslPort = FreePort.next();
    private final int certificatePort = FreePort.next();
    private final Path keyStore;
    private final Path certificate;

    private SecureListeners(Path folder) {
        keyStore = folder.resolve("kafka.p12");
        certificate = folder.resolve("kafka.pem");
    }

    /**
     * Gives a Kafka such listeners before it is started for the first time.
     *
     * @param folder for its key store and its certificate; it exists
     * @param tokenKeys the public keys of whoever issues tokens, as a JSON Web Key Set
     */
    static SecureListeners add(KafkaServer kafka, Path folder, Path tokenKeys) {
        SecureListeners listeners = new SecureListeners(folder);
        listeners.makeKey();
        Map<String, String> sasl = new HashMap<>(listeners.tls());
        sasl.put("sasl.enabled.mechanisms", "SCRAM-SHA-512,PLAIN,OAUTHBEARER");
        sasl.put(
                "plain.sasl.jaas.config",
                MODULES + "plain.PlainLoginModule required user_" + USER + "=\"" + PASSWORD + "\";");
        sasl.put("scram-sha-512.sasl.jaas.config", MODULES + "scram.ScramLoginModule required;");
        sasl.put("oauthbearer.sasl.jaas.config", MODULES + "oauthbearer.OAuthBearerLoginModule required;");
        sasl.put(
                "oauthbearer.sasl.server.callback.handler.class",
                MODULES + "oauthbearer.OAuthBearerValidatorCallbackHandler");
        sasl.put(
                "oauthbearer.sasl.oauthbearer.jwks.endpoint.url",
                tokenKeys.toUri().toString());
        sasl.put("oauthbearer.sasl.oauthbearer.expected.audience", "kafka");
        kafka.listenBesides("SECURE", "SASL_SSL", listeners.saslPort, sasl);
        Map<String, String> certificates = new HashMap<>(listeners.tls());
        certificates.put("ssl.client.auth", "required");
        certificates.put("ssl.truststore.type", "PEM");
        certificates.put("ssl.truststore.location", listeners.certificate.toString());
        kafka.listenBesides("CERTIFICATES", "SSL", listeners.certificatePort, certificates);
        return listeners;
    }

    private Map<String, String> tls() {
        return Map.of(
                "ssl.keystore.type",
                "PKCS12",
                "ssl.keystore.location",
                keyStore.toString(),
                "ssl.keystore.password",
                PASSWORD,
                "ssl.key.password",
                PASSWORD);
    }

    /** Lets the user log in with SCRAM, for which Kafka has to run. */
    void letUserIn(KafkaServer kafka) {
        try (Admin admin = kafka.admin()) {
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                            USER, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, SCRAM_ROUNDS), PASSWORD)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while creating the user " + USER, e);
        } catch (Exception e) {
            throw new IllegalStateException("Cannot create the user " + USER, e);
        }
    }

    /** Host and port for who logs in. */
    String saslServers() {
        return "127.0.0.1:" + saslPort;
    }

    /** Host and port for who has a certificate. */
    String certificateServers() {
        return "127.0.0.1:" + certificatePort;
    }

    /** The key store (PKCS12) of Kafka, which its listener for certificates trusts. */
    Path keyStore() {
        return keyStore;
    }

    /** The certificate of Kafka, as PEM. */
    Path certificate() {
        return certificate;
    }

    /** With the JDK's own tool: there is no public API that makes a certificate. */
    private void makeKey() {
        keytool("-genkeypair", "-keyalg", "EC", "-dname", "CN=kafka", "-ext", "san=ip:127.0.0.1", "-validity", "365");
        keytool("-exportcert", "-rfc", "-file", certificate.toString());
    }

    private void keytool(String command, String... options) {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                command,
                "-keystore",
                keyStore.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-alias",
                "kafka"));
        line.addAll(List.of(options));
        try {
            Process keytool = new ProcessBuilder(line).redirectErrorStream(true).start();
            String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (keytool.waitFor() != 0 || !Files.exists(keyStore)) {
                throw new IllegalStateException("keytool failed: " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("keytool does not start", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while making a key", e);
        }
    }
}
