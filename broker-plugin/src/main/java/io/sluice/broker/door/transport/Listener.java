package io.sluice.broker.door.transport;

import io.sluice.tls.SocketUri;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where the broker listens, written as {@code tcp://127.0.0.1:1883}.
 *
 * @param transport how MQTT is carried
 * @param host name or address to bind
 * @param port 1 to 65,535, or 0 for a free one
 */
public record Listener(Transport transport, String host, int port) {

    public enum Transport {
        TCP,
        SSL,
        WS,
        WSS;

        /** Whether it is carried over TLS. */
        public boolean isEncrypted() {
            return this == SSL || this == WSS;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The listener that a URI stands for.
     *
     * @throws IllegalArgumentException with one sentence that says what is wrong
     */
    public static Listener of(String uri) {
        return SocketUri.of(uri).flatMap(Listener::of).orElseThrow(() -> {
            String transports =
                    Arrays.stream(Transport.values()).map(Transport::toString).collect(Collectors.joining(", "));
            return new IllegalArgumentException("'" + uri
                    + "' is not a listener: write transport://host:port, such as tcp://127.0.0.1:1883, with one"
                    + " of the transports " + transports + " and a port from 0 to 65535");
        });
    }

    private static Optional<Listener> of(SocketUri place) {
        return Arrays.stream(Transport.values())
                .filter(transport -> transport.toString().equals(place.scheme()))
                .findFirst()
                .map(transport -> new Listener(transport, place.host(), place.port()));
    }

    /** Whether only this machine can reach the listener. An unknown host name is not on loopback. */
    public boolean isLoopback() {
        return SocketUri.isLoopback(host);
    }

    @Override
    public String toString() {
        return transport + "://" + host + ":" + port;
    }
}
