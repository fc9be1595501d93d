package io.sluice.tls;

import io.sluice.tls.TlsConfig.Store;

/**
 * How to check, after a TLS handshake, whether an issuer has revoked a client's certificate. The handshake is no place
 * for it: to close a connection would wait for the check.
 *
 * @param trustStore the issuers whom TLS trusts
 * @param revocation whom to ask; {@link Revocation#isChecked} holds
 */
public record CertificateCheck(Store trustStore, Revocation revocation) {}
