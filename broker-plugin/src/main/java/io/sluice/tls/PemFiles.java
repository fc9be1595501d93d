package io.sluice.tls;

import io.sluice.file.RegularFiles;
import io.sluice.tls.TlsConfig.Secret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * Keys and certificates in PEM files (RFC 7468): all of one file, or of the files of a folder, as a certificate authority or
 * Kubernetes leaves them. Keys find their certificates, and those their issuers, whatever their order. Immutable.
 */
final class PemFiles {

    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
    private static final Pattern OLD_KEY = Pattern.compile("-----BEGIN (RSA|EC|DSA) PRIVATE KEY-----");
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String KEY = "PRIVATE KEY";
    private static final String ENCRYPTED_KEY = "ENCRYPTED PRIVATE KEY";
    private static final long LONGEST_BYTES = 1 << 20;

    /** Algorithms of keys, and how to sign with one. */
    private static final Map<String, String> SIGNATURES =
            Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA");

    private final Set<X509Certificate> certificates = new LinkedHashSet<>();
    private final List<PrivateKey> keys = new ArrayList<>();

    private PemFiles() {}

    /**
     * A key store with each private key and its certificates.
     *
     * @param keyPassword of private keys that are encrypted
     */
    static KeyStore keyStore(Path path, Optional<Secret> keyPassword) throws GeneralSecurityException {
        PemFiles pem = read(path, keyPassword, true);
        if (pem.keys.isEmpty()) {
            throw new KeyStoreException("it holds no private key (BEGIN PRIVATE KEY)");
        }
        KeyStore store = MemoryStore.empty();
        for (PrivateKey key : pem.keys) {
            store.setKeyEntry("key-" + store.size(), key, MemoryStore.PASSWORD, pem.chainOf(key));
        }
        return store;
    }

    static KeyStore trustStore(Path path) throws GeneralSecurityException {
        PemFiles pem = read(path, Optional.empty(), false);
        if (pem.certificates.isEmpty()) {
            throw new KeyStoreException("it holds no certificate (BEGIN CERTIFICATE)");
        }
        KeyStore store = MemoryStore.empty();
        for (X509Certificate certificate : pem.certificates) {
            store.setCertificateEntry("certificate-" + store.size(), certificate);
        }
        return store;
    }

    private static PemFiles read(Path path, Optional<Secret> keyPassword, boolean withKeys)
            throws GeneralSecurityException {
        PemFiles pem = new PemFiles();
        try {
            for (Path file : files(path)) {
                pem.add(Files.readString(file, StandardCharsets.ISO_8859_1), keyPassword, withKeys);
            }
        } catch (IOException e) {
            throw new CertificateException(e.toString(), e);
        }
        return pem;
    }

    /** Those of a folder in the order of their names, without what is hidden, and what is too large to be one. */
    private static List<Path> files(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        List<Path> files = new ArrayList<>();
        for (Path file : RegularFiles.of(path)) {
            if (!file.getFileName().toString().startsWith(".") && Files.size(file) <= LONGEST_BYTES) {
                files.add(file);
            }
        }
        return files;
    }

    private void add(String text, Optional<Secret> keyPassword, boolean withKeys) throws GeneralSecurityException {
        Matcher old = OLD_KEY.matcher(text);
        if (withKeys && old.find()) {
            throw new KeyStoreException("it holds a private key in the older form 'BEGIN " + old.group(1)
                    + " PRIVATE KEY': turn it into PKCS#8 with openssl pkcs8 -topk8");
        }
        Matcher blocks = BLOCK.matcher(text);
        while (blocks.find()) {
            byte[] bytes = decode(blocks.group(1), blocks.group(2));
            switch (blocks.group(1)) {
                case CERTIFICATE ->
                    certificates.add((X509Certificate) CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(bytes)));
                case KEY -> {
                    if (withKeys) {
                        keys.add(key(new PKCS8EncodedKeySpec(bytes)));
                    }
                }
                case ENCRYPTED_KEY -> {
                    if (withKeys) {
                        keys.add(decrypted(bytes, keyPassword));
                    }
                }
                default -> {
                    // Parameters of a curve, a request for a certificate: not needed.
                }
            }
        }
    }

    private static byte[] decode(String label, String base64) throws CertificateException {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new CertificateException("the text between BEGIN and END " + label + " is not Base64", e);
        }
    }

    private static PrivateKey key(PKCS8EncodedKeySpec spec) throws GeneralSecurityException {
        for (String algorithm : new TreeSet<>(SIGNATURES.keySet())) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                // Of another algorithm.
            }
        }
        throw new InvalidKeySpecException("its private key is not of RSA, EC or EdDSA");
    }

    private static PrivateKey decrypted(byte[] bytes, Optional<Secret> password) throws GeneralSecurityException {
        Secret secret = password.orElseThrow(
                () -> new KeyStoreException("its private key is encrypted: set the key's password"));
        try {
            EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(bytes);
            // Its name is that of the scheme; the parameters say which one of it.
            String algorithm = info.getAlgName().toUpperCase(Locale.ROOT).startsWith("PBEWITH")
                    ? info.getAlgName()
                    : info.getAlgParameters().toString();
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    SecretKeyFactory.getInstance(algorithm)
                            .generateSecret(new PBEKeySpec(secret.value().toCharArray())),
                    info.getAlgParameters());
            return key(info.getKeySpec(cipher));
        } catch (IOException | GeneralSecurityException e) {
            throw new KeyStoreException(
                    "its private key cannot be decrypted: the key's password is wrong, or it is not encrypted with AES"
                            + " (openssl pkcs8 -topk8): " + e,
                    e);
        }
    }

    /** The key's certificate and those that issued it, without the root, which the peer has. */
    private Certificate[] chainOf(PrivateKey key) throws GeneralSecurityException {
        List<X509Certificate> chain = new ArrayList<>();
        for (X509Certificate certificate : certificates) {
            if (chain.isEmpty() && belongTogether(key, certificate)) {
                chain.add(certificate);
            }
        }
        if (chain.isEmpty()) {
            throw new KeyStoreException("it holds a private key of " + key.getAlgorithm()
                    + " and no certificate that belongs to it (BEGIN CERTIFICATE)");
        }
        Optional<X509Certificate> issuer = issuerOf(chain.get(0));
        while (issuer.isPresent() && !chain.contains(issuer.get())) {
            chain.add(issuer.get());
            issuer = issuerOf(issuer.get());
        }
        return chain.toArray(new Certificate[0]);
    }

    private Optional<X509Certificate> issuerOf(X509Certificate certificate) {
        return certificates.stream()
                .filter(other -> other.getSubjectX500Principal().equals(certificate.getIssuerX500Principal()))
                .filter(other -> !other.getSubjectX500Principal().equals(other.getIssuerX500Principal()))
                .filter(other -> isSignedBy(certificate, other))
                .findFirst();
    }

    private static boolean isSignedBy(X509Certificate certificate, X509Certificate other) {
        try {
            certificate.verify(other.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Whether the certificate confirms what the key signs. */
    private static boolean belongTogether(PrivateKey key, X509Certificate certificate) throws GeneralSecurityException {
        String algorithm = SIGNATURES.get(key.getAlgorithm());
        if (algorithm == null
                || !SIGNATURES.containsKey(certificate.getPublicKey().getAlgorithm())) {
            return false;
        }
        try {
            byte[] something = {1, 2, 3};
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(something);
            Signature checking = Signature.getInstance(algorithm);
            checking.initVerify(certificate.getPublicKey());
            checking.update(something);
            return checking.verify(signing.sign());
        } catch (InvalidKeyException | SignatureException e) {
            return false;
        }
    }
}
