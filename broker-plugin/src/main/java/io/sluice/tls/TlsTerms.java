package io.sluice.tls;

import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * The versions and cipher suites of TLS that are allowed.
 *
 * @param protocols the versions, as the JVM names them; at least one
 * @param cipherSuites the cipher suites, as the JVM names them; at least one
 */
public record TlsTerms(List<String> protocols, List<String> cipherSuites) {

    private static final String TLS_1_3 = "TLSv1.3";

    /** Versions without known weaknesses. */
    public static final List<String> SAFE_PROTOCOLS = List.of(TLS_1_3, "TLSv1.2");

    /** Suites with forward secrecy that encrypt and authenticate in one. */
    public static final List<String> SAFE_CIPHER_SUITES = Stream.of(
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256")
            .filter(suite -> List.of(supported().getCipherSuites()).contains(suite))
            .toList();

    /** What is allowed unless the configuration says otherwise. */
    public static final TlsTerms SAFE = new TlsTerms(SAFE_PROTOCOLS, SAFE_CIPHER_SUITES);

    /**
     * Checks that there is a suite for each of the two versions that share none.
     *
     * @throws IllegalArgumentException with one sentence that says what is wrong
     */
    public TlsTerms {
        protocols = List.copyOf(protocols);
        cipherSuites = List.copyOf(cipherSuites);
        if (protocols.contains(TLS_1_3) && cipherSuites.stream().noneMatch(TlsTerms::isOf13)) {
            throw new IllegalArgumentException(
                    "no cipher suite is one of TLSv1.3, such as TLS_AES_128_GCM_SHA256: add one,"
                            + " or leave the protocol TLSv1.3 out");
        }
        if (!protocols.equals(List.of(TLS_1_3)) && cipherSuites.stream().allMatch(TlsTerms::isOf13)) {
            throw new IllegalArgumentException(
                    "each cipher suite is one of TLSv1.3: add one of the other protocols, such as"
                            + " TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, or allow the protocol TLSv1.3 alone");
        }
    }

    private static boolean isOf13(String suite) {
        return !suite.contains("_WITH_");
    }

    /**
     * A protocol that the JVM knows.
     *
     * @throws IllegalArgumentException with a sentence that lists those that it knows
     */
    public static String protocol(String name) {
        return known("protocol", name, supported().getProtocols());
    }

    /**
     * A cipher suite that the JVM knows.
     *
     * @throws IllegalArgumentException with a sentence that lists those that it knows
     */
    public static String cipherSuite(String name) {
        return known("cipher suite", name, supported().getCipherSuites());
    }

    private static String known(String what, String name, String[] names) {
        if (Arrays.asList(names).contains(name)) {
            return name;
        }
        throw new IllegalArgumentException("'" + name + "' is no " + what + " that this JVM knows; it knows "
                + Arrays.stream(names).filter(other -> !other.endsWith("_SCSV")).collect(Collectors.joining(", ")));
    }

    private static SSLParameters supported() {
        try {
            return SSLContext.getDefault().getSupportedSSLParameters();
        } catch (NoSuchAlgorithmException e) {
            throw new TlsException("This JVM has no TLS: " + e.getMessage(), e);
        }
    }
}
