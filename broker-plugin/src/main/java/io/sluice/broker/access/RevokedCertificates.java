package io.sluice.broker.access;

import io.sluice.file.FollowedFile;
import io.sluice.tls.CertificateCheck;
import io.sluice.tls.FollowedStore;
import io.sluice.tls.Revocation;
import io.sluice.tls.TlsException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates that their issuers have revoked. A client that connects is checked as the JVM does it, with lists
 * and responders; one that is connected, by the lists, which are read again when they have changed. Thread-safe.
 */
final class RevokedCertificates {

    private static final Logger LOG = LoggerFactory.getLogger(RevokedCertificates.class);

    /** The JVM requires a key exchange, and ignores it when it checks revocation. */
    private static final String ANY_KEY_EXCHANGE = "UNKNOWN";

    private final X509ExtendedTrustManager jvm;
    private final Optional<FollowedFile> file;
    private volatile List<CRL> lists = List.of();
    private boolean isToBeRead = true;

    /** @throws TlsException if a file cannot be used */
    RevokedCertificates(CertificateCheck check) {
        this.jvm = FollowedStore.trust(check.trustStore(), check.revocation());
        this.file = check.revocation().lists().map(FollowedFile::new);
        look();
    }

    /**
     * Why a certificate that TLS trusts is refused, a clause; empty if it is accepted. Waits for its issuer's
     * responder, if that is to be asked.
     *
     * @param chain the certificate, followed by those of issuers
     */
    Optional<String> objection(List<X509Certificate> chain) {
        try {
            jvm.checkClientTrusted(chain.toArray(new X509Certificate[0]), ANY_KEY_EXCHANGE);
            return Optional.empty();
        } catch (CertificateException e) {
            Throwable cause = e;
            while (cause.getCause() != null && !(cause instanceof CertPathValidatorException)) {
                cause = cause.getCause();
            }
            return Optional.of("its certificate, of " + CertificateNames.subject(chain.get(0)) + ", does not count: "
                    + cause.getMessage());
        }
    }

    /** Looks at the lists again; returns whether they have changed. */
    synchronized boolean look() {
        try {
            if (file.isEmpty()) {
                return false;
            }
            isToBeRead |= file.get().mayHaveChanged();
            if (!isToBeRead) {
                return false;
            }
            List<CRL> now = Revocation.read(file.get().path());
            // One that cannot be read now perhaps can later, unchanged.
            isToBeRead = false;
            boolean isChanged = !now.equals(lists);
            lists = now;
            return isChanged;
        } catch (IOException | GeneralSecurityException e) {
            LOG.debug("The changed revocation lists {} cannot be used", file.map(FollowedFile::path), e);
            return false;
        }
    }

    /** Why a certificate is not valid that the list of its issuer contains, a clause; empty: no list contains it. Blocks nobody. */
    Optional<String> listed(X509Certificate certificate) {
        boolean isRevoked = lists.stream()
                .anyMatch(list -> list instanceof X509CRL ofIssuer
                        && ofIssuer.getIssuerX500Principal().equals(certificate.getIssuerX500Principal())
                        && ofIssuer.isRevoked(certificate));
        return isRevoked
                ? Optional.of("its certificate, of " + CertificateNames.subject(certificate) + ", was revoked")
                : Optional.empty();
    }
}
