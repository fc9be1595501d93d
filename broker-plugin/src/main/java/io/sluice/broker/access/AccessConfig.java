package io.sluice.broker.access;

import io.sluice.tls.CertificateCheck;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Who may connect, and what they may do.
 *
 * @param allowAnonymous whether clients without a user name may connect
 * @param passwordFile user names and hashes of their passwords; empty: every user name may connect
 * @param aclFile who may publish and subscribe to which topics; empty: everybody to everything
 * @param certificateNames which user a client certificate stands for
 * @param tokens which tokens are accepted in place of passwords; empty: none
 * @param certificates how to check whether an issuer has revoked a client's certificate; empty: not at all
 * @param clientIds which client identifiers a user may take; empty: a session belongs to the user who made it
 */
public record AccessConfig(
        boolean allowAnonymous,
        Optional<Path> passwordFile,
        Optional<Path> aclFile,
        CertificateNames certificateNames,
        Optional<JwtConfig> tokens,
        Optional<CertificateCheck> certificates,
        Optional<ClientIdPattern> clientIds) {

    /** Whether user names are verified; if not, they prove nothing. */
    boolean checksUsers() {
        return passwordFile.isPresent() || tokens.isPresent() || !certificateNames.equals(CertificateNames.NONE);
    }
}
