package io.sluice.tls;

import io.sluice.tls.TlsConfig.Store;

/**
 * How it is found out, behind a handshake of TLS, that an issuer has taken a client's certificate back. A handshake is no place
 * for it: whoever closes a connection waits for what its handshake is busy with.
 *
 * @param trustStore the issuers whom TLS trusts
 * @param revocation whom to ask; {@link Revocation#isChecked} holds
 */
public record CertificateCheck(Store trustStore, Revocation revocation) {}
