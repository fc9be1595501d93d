package io.sluice.broker;

import io.sluice.broker.door.transport.Listener;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A client library as devices use it: the same few things, by whatever names the library has for them. */
interface RealClient extends AutoCloseable {

    /** The libraries, each with one version of MQTT. */
    enum Library {
        PAHO_3,
        PAHO_5,
        HIVEMQ_3,
        HIVEMQ_5;

        RealClient open(Settings settings) throws Exception {
            return switch (this) {
                case PAHO_3 -> new PahoThree(settings);
                case PAHO_5 -> new PahoFive(settings);
                case HIVEMQ_3 -> new HivemqThree(settings);
                case HIVEMQ_5 -> new HivemqFive(settings);
            };
        }

        boolean speaksMqtt5() {
            return this == PAHO_5 || this == HIVEMQ_5;
        }
    }

    /** A message on its way to the broker or from it. */
    record Publication(String topic, String payload, int qos, boolean retained) {
        static Publication of(String topic, String payload, int qos) {
            return new Publication(topic, payload, qos, false);
        }
    }

    /** Keys that a client trusts, and those that it shows, if any. */
    record Trust(TrustManagerFactory trusted, Optional<KeyManagerFactory> shown) {

        static Trust of(TrustManagerFactory trusted) {
            return new Trust(trusted, Optional.empty());
        }

        Trust showing(KeyManagerFactory own) {
            return new Trust(trusted, Optional.of(own));
        }

        SSLContext context() throws GeneralSecurityException {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(shown.map(KeyManagerFactory::getKeyManagers).orElse(null), trusted.getTrustManagers(), null);
            return context;
        }
    }

    /**
     * How a client connects.
     *
     * @param lasting whether its session outlives its connection, by a day
     */
    record Settings(
            Listener.Transport transport,
            int port,
            String clientId,
            boolean lasting,
            Optional<Publication> will,
            Optional<String> user,
            String password,
            Optional<Trust> trust) {

        static Settings of(TestBroker broker, String clientId) {
            return new Settings(
                    Listener.Transport.TCP,
                    broker.port(),
                    clientId,
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    "",
                    Optional.empty());
        }

        Settings over(Listener.Transport other, int itsPort, Trust trusted) {
            return new Settings(other, itsPort, clientId, lasting, will, user, password, Optional.of(trusted));
        }

        Settings withLastingSession() {
            return new Settings(transport, port, clientId, true, will, user, password, trust);
        }

        Settings withWill(Publication last) {
            return new Settings(transport, port, clientId, lasting, Optional.of(last), user, password, trust);
        }

        Settings withUser(String name, String itsPassword) {
            return new Settings(transport, port, clientId, lasting, will, Optional.of(name), itsPassword, trust);
        }

        boolean isWebSocket() {
            return transport == Listener.Transport.WS || transport == Listener.Transport.WSS;
        }

        /** As Paho writes it. */
        String uri() {
            return transport + "://127.0.0.1:" + port + (isWebSocket() ? "/mqtt" : "");
        }
    }

    /** Connects, and says whether the broker has kept the session. */
    boolean connect() throws Exception;

    /** Publishes, and returns when the broker has acknowledged it. */
    void publish(Publication publication) throws Exception;

    void subscribe(String filter, int qos) throws Exception;

    void unsubscribe(String filter) throws Exception;

    /** What has come so far, in its order. */
    List<Publication> received();

    /** The return or reason code of the broker's that an exception of one of the other methods tells of. */
    int refusal(Throwable thrown);

    boolean isConnected();

    void disconnect() throws Exception;

    @Override
    void close() throws IOException;
}
