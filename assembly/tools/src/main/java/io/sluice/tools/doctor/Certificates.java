package io.sluice.tools.doctor;

import io.sluice.tools.Trust;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509TrustManager;

/** The certificates that a server shows, whoever has signed them. */
final class Certificates {

    private Certificates() {}

    /**
     * Connects, and nothing more if the server does not speak TLS.
     *
     * @return when the first certificate of its chain expires; empty if it shows none
     * @throws IOException if nobody answers in time
     */
    static Optional<Instant> expiry(InetSocketAddress address, boolean tls, Duration patience) throws IOException {
        int millis = Math.toIntExact(patience.toMillis());
        try (Socket plain = new Socket()) {
            plain.setSoTimeout(millis);
            plain.connect(address, millis);
            return tls ? expiry(plain, address) : Optional.empty();
        }
    }

    private static Optional<Instant> expiry(Socket plain, InetSocketAddress address) throws IOException {
        Shown shown = new Shown();
        try (SSLSocket socket = (SSLSocket) Trust.context(shown)
                .getSocketFactory()
                .createSocket(plain, address.getHostString(), address.getPort(), false)) {
            socket.startHandshake();
        } catch (SSLException e) {
            // a server that wants a certificate of the client has shown its own by then
            if (shown.chain.isEmpty()) {
                throw e;
            }
        }
        return shown.chain.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Comparator.naturalOrder());
    }

    /** Takes every certificate: they are looked at, and nothing is said to who shows them. */
    private static final class Shown implements X509TrustManager {

        private final List<X509Certificate> chain = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void checkClientTrusted(X509Certificate[] certificates, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] certificates, String type) {
            chain.addAll(List.of(certificates));
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
