package io.sluice.tls;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Keys and trust of a TLS listener. The files are read again when they change, so that certificates can be
 * renewed without closing a connection.
 *
 * @param keyStore its certificate and private key
 * @param keyPassword password of the private key, if it is another than the store's
 * @param trustStore whom to trust as issuers of client certificates; empty: those that the JVM trusts
 * @param clientAuth whether clients must show a certificate
 * @param terms which protocols and cipher suites are allowed
 */
public record TlsConfig(
        Store keyStore,
        Optional<Secret> keyPassword,
        Optional<Store> trustStore,
        ClientAuth clientAuth,
        TlsTerms terms) {

    /** With the protocols and cipher suites that are allowed unless the configuration says otherwise. */
    public TlsConfig(Store keyStore, Optional<Secret> keyPassword, Optional<Store> trustStore, ClientAuth clientAuth) {
        this(keyStore, keyPassword, trustStore, clientAuth, TlsTerms.SAFE);
    }

    /** Whether clients must show a certificate. */
    public enum ClientAuth {
        /** No certificate is asked for. */
        NONE,
        /** One is asked for, and checked if it is shown. */
        REQUESTED,
        /** Clients without a trusted one are not let in. */
        REQUIRED
    }

    /**
     * A file of keys or certificates.
     *
     * @param file where it is; PEM files may lie together in a folder
     * @param type its format: PKCS12, JKS or PEM
     * @param password what protects it; PEM files have none
     */
    public record Store(Path file, String type, Secret password) {}

    /** A text that no log may show. */
    public record Secret(String value) {

        @Override
        public String toString() {
            return "[hidden]";
        }
    }
}
