package io.sluice.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.sluice.tls.TlsConfig.Secret;
import io.sluice.tls.TlsConfig.Store;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import javax.crypto.spec.PBEParameterSpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.IPAddress;

/** Key pairs with certificates, in files of a test's folder. */
public record TestKeys(Path dir) {

    /** Of each store and of each key in it. */
    public static final String PASSWORD = "changeit";

    /** Of a certificate that may issue others. */
    public static final Extension AUTHORITY = extension(Extension.basicConstraints, new BasicConstraints(true));

    private static final Duration VALIDITY = Duration.ofDays(365);

    static {
        // The password is no secret: to derive a key from it ten thousand times costs each reader for nothing.
        for (String what : List.of("key", "cert")) {
            Security.setProperty("keystore.pkcs12." + what + "PbeIterationCount", "1");
        }
        Security.setProperty("keystore.pkcs12.macIterationCount", "1");
    }

    /** The names and addresses of who shows a certificate. */
    public static Extension names(String... names) {
        return extension(
                Extension.subjectAlternativeName,
                new GeneralNames(Arrays.stream(names)
                        .map(name -> new GeneralName(
                                IPAddress.isValid(name) ? GeneralName.iPAddress : GeneralName.dNSName, name))
                        .toArray(GeneralName[]::new)));
    }

    static Extension extension(ASN1ObjectIdentifier what, ASN1Object value) {
        try {
            return new Extension(what, false, value.getEncoded());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a pair of elliptic curves, for this machine, whose certificate signs itself. */
    public void make(String name) throws GeneralSecurityException, IOException {
        make(name, "EC", names("127.0.0.1", "localhost"));
    }

    /** Makes a pair whose certificate signs itself. */
    public void make(String name, String algorithm, Extension extension) throws GeneralSecurityException, IOException {
        KeyPair pair = KeyPairGenerator.getInstance(algorithm).generateKeyPair();
        save(name, pair, certificate(name, pair, name, pair.getPrivate(), extension));
    }

    /** Makes a pair of elliptic curves whose certificate another one issues, which must be one that may. */
    public void issue(String name, String issuer, Extension extension) throws GeneralSecurityException, IOException {
        KeyPair pair = KeyPairGenerator.getInstance("EC").generateKeyPair();
        save(name, pair, certificate(name, pair, issuer, key(issuer), extension), certificate(issuer));
    }

    private static X509Certificate certificate(
            String name, KeyPair pair, String issuer, PrivateKey issuerKey, Extension extension)
            throws GeneralSecurityException, IOException {
        Instant now = Instant.now();
        return new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                distinguished(issuer),
                                new BigInteger(64, new SecureRandom()).add(BigInteger.TWO),
                                Date.from(now),
                                Date.from(now.plus(VALIDITY)),
                                distinguished(name),
                                pair.getPublic())
                        .addExtension(extension)
                        .build(signer(issuerKey)));
    }

    private static X500Name distinguished(String name) {
        return new X500Name("CN=" + name);
    }

    private static ContentSigner signer(PrivateKey key) {
        String algorithm = key.getAlgorithm();
        try {
            return new JcaContentSignerBuilder(
                            algorithm.startsWith("Ed")
                                    ? "Ed25519"
                                    : "SHA256with" + (algorithm.equals("EC") ? "ECDSA" : algorithm))
                    .build(key);
        } catch (OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private void save(String name, KeyPair pair, X509Certificate... chain)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(name, pair.getPrivate(), PASSWORD.toCharArray(), chain);
        try (OutputStream out = Files.newOutputStream(file(name))) {
            store.store(out, PASSWORD.toCharArray());
        }
    }

    /** A list in which an issuer takes one certificate back (CRL), in binary form. */
    public byte[] revocationList(String issuer, BigInteger revoked) throws GeneralSecurityException, IOException {
        Instant now = Instant.now();
        return new JcaX509v2CRLBuilder(certificate(issuer), Date.from(now))
                .setNextUpdate(Date.from(now.plus(VALIDITY)))
                .addCRLEntry(revoked, Date.from(now), CRLReason.unspecified)
                .build(signer(key(issuer)))
                .getEncoded();
    }

    /** The same as PEM. */
    public byte[] revocationListPem(String issuer, BigInteger revoked) throws GeneralSecurityException, IOException {
        return pem("X509 CRL", revocationList(issuer, revoked)).getBytes(US_ASCII);
    }

    public Path file(String name) {
        return dir.resolve(name + ".p12");
    }

    public Store store(String name) {
        return store(file(name));
    }

    public static Store store(Path file) {
        return new Store(file, "PKCS12", new Secret(PASSWORD));
    }

    /** Writes a store again as others do: its key is encrypted with one that so many rounds derive from the password. */
    public Path protect(String name, int rounds) throws GeneralSecurityException, IOException {
        char[] password = PASSWORD.toCharArray();
        KeyStore store = load(name);
        store.setEntry(
                name,
                store.getEntry(name, new KeyStore.PasswordProtection(password)),
                new KeyStore.PasswordProtection(
                        password, "PBEWithHmacSHA256AndAES_256", new PBEParameterSpec(new byte[16], rounds)));
        Path file = dir.resolve(name + "-protected.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, password);
        }
        return file;
    }

    KeyStore load(String name) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file(name))) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    public PrivateKey key(String name) throws GeneralSecurityException, IOException {
        return (PrivateKey) load(name).getKey(name, PASSWORD.toCharArray());
    }

    public X509Certificate certificate(String name) throws GeneralSecurityException, IOException {
        return (X509Certificate) load(name).getCertificate(name);
    }

    public String certificatePem(String name) throws GeneralSecurityException, IOException {
        return pem("CERTIFICATE", certificate(name).getEncoded());
    }

    public String keyPem(String name) throws GeneralSecurityException, IOException {
        return pem("PRIVATE KEY", key(name).getEncoded());
    }

    private static String pem(String label, byte[] bytes) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(bytes)
                + "\n-----END " + label + "-----\n";
    }

    /** Shows one of the certificates. */
    KeyManagerFactory showing(String name) throws GeneralSecurityException, IOException {
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(load(name), PASSWORD.toCharArray());
        return factory;
    }

    /** Trusts those who show one of some certificates. */
    TrustManagerFactory trusting(String... names) throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (String name : names) {
            trusted.setCertificateEntry(name, load(name).getCertificate(name));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return factory;
    }
}
