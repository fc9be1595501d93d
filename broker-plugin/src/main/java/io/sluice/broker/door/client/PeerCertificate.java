package io.sluice.broker.door.client;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.sluice.broker.access.CertificateNames;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * The certificate that a client has shown.
 *
 * @param chain the client's own, which is trusted, and those of issuers that it has shown
 * @param subject its subject
 * @param commonName the common name in it, if there is one
 */
public record PeerCertificate(List<X509Certificate> chain, String subject, Optional<String> commonName) {

    /** The client's own, if it has shown one; it is trusted then. */
    public static Optional<PeerCertificate> of(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            return Optional.empty();
        }
        try {
            List<X509Certificate> chain = Arrays.stream(
                            tls.engine().getSession().getPeerCertificates())
                    .map(X509Certificate.class::cast)
                    .toList();
            return Optional.of(new PeerCertificate(
                    chain, CertificateNames.subject(chain.get(0)), CertificateNames.commonName(chain.get(0))));
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
    }
}
