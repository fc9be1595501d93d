package io.sluice.remote;

import io.sluice.tls.TlsConfig.Secret;
import io.sluice.tls.TlsConfig.Store;
import io.sluice.tls.TlsTerms;
import java.util.Optional;

/**
 * What a worker shows to brokers whose buffers it drains, and whom it trusts. The files are read again when they change.
 *
 * @param keyStore the worker's certificate and private key, for brokers that ask for one
 * @param keyPassword password of the private key, if it is another than the store's
 * @param trustStore the issuers of brokers' certificates; empty: those that the JVM trusts
 * @param terms which protocols and cipher suites are spoken
 * @param token what brokers with a token file want to hear; without TLS anybody on the way reads it
 */
public record BufferCredentials(
        Optional<Store> keyStore,
        Optional<Secret> keyPassword,
        Optional<Store> trustStore,
        TlsTerms terms,
        Optional<Secret> token) {

    /** Nothing to show, and the JVM's trust. */
    public static final BufferCredentials NONE = new BufferCredentials(
            Optional.empty(), Optional.empty(), Optional.empty(), TlsTerms.SAFE, Optional.empty());
}
