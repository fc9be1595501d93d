package io.sluice.broker.access;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;

/** Holds as long as another grant does and the client's certificate is not revoked. Thread-safe. */
record CertificateGrant(AccessGrant grant, X509Certificate certificate, RevokedCertificates revoked)
        implements AccessGrant {

    @Override
    public Optional<String> objection() {
        return revoked.listed(certificate).or(grant::objection);
    }

    @Override
    public Optional<Instant> endsAt() {
        return grant.endsAt();
    }

    @Override
    public boolean mayPublish(String topic) {
        return grant.mayPublish(topic);
    }

    @Override
    public boolean mayRead(String filter) {
        return grant.mayRead(filter);
    }

    @Override
    public int version() {
        return grant.version();
    }
}
