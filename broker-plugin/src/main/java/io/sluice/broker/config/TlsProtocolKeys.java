package io.sluice.broker.config;

import io.sluice.broker.config.Key.Importance;
import io.sluice.tls.TlsTerms;
import java.util.List;
import java.util.Optional;

/**
 * The keys of protocols and cipher suites, named as Kafka names them.
 *
 * @param protocols which versions of TLS are allowed
 * @param cipherSuites which cipher suites are allowed
 */
public record TlsProtocolKeys(Key<List<String>> protocols, Key<List<String>> cipherSuites) {

    /**
     * The keys under a prefix.
     *
     * @param prefix such as {@code broker.ssl}
     */
    public static TlsProtocolKeys of(String prefix, String group) {
        return new TlsProtocolKeys(
                new Key<>(
                        prefix + ".enabled.protocols",
                        group,
                        "TLS protocols",
                        Importance.LOW,
                        new KeyType.Items<>("versions of TLS as the JVM names them", TlsTerms::protocol),
                        Optional.of(TlsTerms.SAFE_PROTOCOLS),
                        "The enabled versions of TLS. `jdk.tls.disabledAlgorithms` in the JVM's security properties"
                                + " disables more."),
                new Key<>(
                        prefix + ".cipher.suites",
                        group,
                        "TLS cipher suites",
                        Importance.LOW,
                        new KeyType.Items<>("cipher suites as the JVM names them", TlsTerms::cipherSuite),
                        Optional.empty(),
                        "The enabled cipher suites. Unset: those with forward secrecy and authenticated encryption"
                                + " (`TLS_AES_…`, `TLS_CHACHA20_…`, `TLS_ECDHE_…_GCM_…`, `TLS_ECDHE_…_CHACHA20_…`)."));
    }

    /** The keys, in the order in which they are shown. */
    public List<Key<?>> all() {
        return List.of(protocols, cipherSuites);
    }

    /** What is wrong with them together. */
    public Optional<Mistake> check(KeyValues settings) {
        boolean isRead = all().stream()
                .allMatch(key -> settings.isAbsent(key) || settings.given(key).isPresent());
        try {
            if (isRead) {
                terms(settings);
            }
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(new Mistake(
                    cipherSuites,
                    settings.name(protocols) + " and " + settings.name(cipherSuites) + " do not fit: " + e.getMessage()
                            + "."));
        }
    }

    /** Protocols and cipher suites, if {@link #check} finds nothing. */
    public TlsTerms terms(KeyValues settings) {
        return new TlsTerms(
                settings.value(protocols), settings.given(cipherSuites).orElse(TlsTerms.SAFE_CIPHER_SUITES));
    }
}
