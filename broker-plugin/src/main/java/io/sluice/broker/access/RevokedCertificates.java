package io.sluice.broker.access;

import io.sluice.file.FollowedFile;
import io.sluice.tls.Revocation;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates that their issuers have taken back, by lists that are read again when they have changed: for those who are
 * in already. Who comes in is checked by TLS, which also says what is wrong with a list. Thread-safe.
 */
final class RevokedCertificates {

    private static final Logger LOG = LoggerFactory.getLogger(RevokedCertificates.class);

    private final FollowedFile file;
    private volatile List<CRL> lists = List.of();

    /** @param lists a file of lists, or a folder of such files */
    RevokedCertificates(Path lists) {
        this.file = new FollowedFile(lists);
        look();
    }

    /** Looks at the lists again; says whether they are others now. */
    boolean look() {
        try {
            if (!file.mayHaveChanged()) {
                return false;
            }
            List<CRL> now = Revocation.read(file.path());
            boolean isChanged = !now.equals(lists);
            lists = now;
            return isChanged;
        } catch (IOException | GeneralSecurityException e) {
            LOG.debug("The changed revocation lists {} cannot be used", file.path(), e);
            return false;
        }
    }

    /** Whether the list of its issuer has a certificate. */
    boolean contains(X509Certificate certificate) {
        return lists.stream()
                .anyMatch(list -> list instanceof X509CRL ofIssuer
                        && ofIssuer.getIssuerX500Principal().equals(certificate.getIssuerX500Principal())
                        && ofIssuer.isRevoked(certificate));
    }
}
