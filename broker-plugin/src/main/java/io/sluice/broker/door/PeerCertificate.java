package io.sluice.broker.door;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.sluice.broker.access.CertificateNames;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * The certificate that a client has shown.
 *
 * @param shown the client's own; it is trusted
 * @param subject its subject
 * @param commonName the common name in it, if there is one
 */
record PeerCertificate(X509Certificate shown, String subject, Optional<String> commonName) {

    /** The client's own, if it has shown one; it is trusted then. */
    static Optional<PeerCertificate> of(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            return Optional.empty();
        }
        try {
            Certificate[] chain = tls.engine().getSession().getPeerCertificates();
            return chain[0] instanceof X509Certificate own
                    ? Optional.of(
                            new PeerCertificate(own, CertificateNames.subject(own), CertificateNames.commonName(own)))
                    : Optional.empty();
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
    }
}
