package io.sluice.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;

/** The listeners with TLS. */
class TlsAttackTest extends HostileTest {

    /** Trusts everybody: who attacks does not care. */
    private static final class TrustAll implements X509TrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    static SSLSocket open(String protocol) throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustAll()}, null);
        SSLSocket socket = (SSLSocket)
                context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), broker().port("ssl"));
        socket.setEnabledProtocols(new String[] {protocol});
        return socket;
    }

    @Test
    void plain_mqtt_on_the_encrypted_port_is_closed() throws Exception {
        Peer peer = attacker(Peer.at(broker().port("ssl")));
        peer.trySend(Mqtt.V3_1_1.connect(name()));
        assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
    }

    @Test
    void a_thousand_handshakes_that_go_no_further_leave_nothing() throws Exception {
        byte[] hello = Bytes.of(0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3)
                .raw(new byte[100])
                .array();
        Random random = new Random(3);
        for (int i = 0; i < 1_000; i++) {
            Peer peer = attacker(Peer.at(broker().port("ssl")));
            peer.trySend(Arrays.copyOf(hello, 1 + random.nextInt(hello.length - 1)));
        }
    }

    @Test
    void records_that_are_garbage_close_their_connection_only() throws Exception {
        Random random = new Random(4);
        for (int i = 0; i < 300; i++) {
            byte[] record = new byte[5 + random.nextInt(500)];
            random.nextBytes(record);
            System.arraycopy(new byte[] {0x16, 3, 3}, 0, record, 0, 3);
            Peer peer = attacker(Peer.at(broker().port("ssl")));
            peer.trySend(record);
        }
    }

    @Test
    void clients_that_shake_hands_and_leave_leave_nothing() throws Exception {
        for (int i = 0; i < 100; i++) {
            try (SSLSocket socket = open(i % 2 == 0 ? "TLSv1.3" : "TLSv1.2")) {
                socket.startHandshake();
            }
        }
    }

    @Test
    void those_who_renegotiate_without_end_are_closed_at_once() throws Exception {
        for (int i = 0; i < 50; i++) {
            SSLSocket socket = attacker(open("TLSv1.2"));
            Peer peer = new Peer(socket).connect(Mqtt.V5.connect(name()));
            socket.startHandshake();
            assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
        }
    }

    @Test
    void one_who_does_not_read_over_tls_is_not_answered_without_bound() throws Exception {
        SSLSocket socket = attacker(open("TLSv1.3"));
        Peer peer = new Peer(socket).connect(Mqtt.V3_1_1.connect(name()));
        peer.flood(Bytes.repeated(Mqtt.pingreq(), 50_000), AT_ONCE);
        assertThat(broker().isAlive()).isTrue();
        assertThat(broker().held().direct()).isLessThan(48 << 20);
    }
}
