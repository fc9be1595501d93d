package io.sluice.broker.access;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;

/**
 * Lets a client in as long as another pass does, and nobody has taken its certificate back. Thread-safe.
 *
 * @param pass the other one
 * @param certificate the client's
 * @param revoked which were taken back
 */
record CertifiedPass(Pass pass, X509Certificate certificate, RevokedCertificates revoked) implements Pass {

    @Override
    public Optional<String> objection() {
        return revoked.contains(certificate)
                ? Optional.of("its certificate, of " + CertificateNames.subject(certificate) + ", was revoked")
                : pass.objection();
    }

    @Override
    public Optional<Instant> endsAt() {
        return pass.endsAt();
    }

    @Override
    public boolean mayPublish(String topic) {
        return pass.mayPublish(topic);
    }

    @Override
    public boolean mayRead(String filter) {
        return pass.mayRead(filter);
    }

    @Override
    public int version() {
        return pass.version();
    }
}
