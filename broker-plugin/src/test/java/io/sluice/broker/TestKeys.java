package io.sluice.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tls.TlsConfig.Secret;
import io.sluice.tls.TlsConfig.Store;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import javax.crypto.spec.PBEParameterSpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/** Key pairs with certificates, in files of a test's folder. */
public record TestKeys(Path dir) {

    private static final String PASSWORD = "changeit";
    private static final String LOCAL = "san=ip:127.0.0.1,dns:localhost";

    /** Makes a pair of elliptic curves, for this machine, whose certificate signs itself. */
    public void make(String name) throws IOException, InterruptedException {
        make(name, "EC", LOCAL);
    }

    /**
     * Makes a pair whose certificate signs itself.
     *
     * @param extension such as {@code san=dns:localhost}
     */
    public void make(String name, String algorithm, String extension) throws IOException, InterruptedException {
        makePair(name, "-keyalg", algorithm, "-ext", extension);
    }

    /** Makes a pair whose certificate another one issues, which must be one that may. */
    public void issue(String name, String issuer, String extension) throws IOException, InterruptedException {
        Files.copy(file(issuer), file(name));
        makePair(name, "-keyalg", "EC", "-signer", issuer, "-ext", extension);
    }

    private void makePair(String name, String... options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("-storetype", "PKCS12", "-dname", "CN=" + name, "-validity", "365"));
        all.addAll(List.of(options));
        keytool("-genkeypair", name, all);
    }

    /**
     * A list in which an issuer takes one certificate back (CRL), in binary form unless the options say otherwise.
     *
     * @param options of keytool, such as {@code -rfc} for PEM
     */
    public byte[] revocationList(String issuer, BigInteger revoked, String... options)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("-id", revoked.toString()));
        all.addAll(List.of(options));
        return keytool("-gencrl", issuer, all);
    }

    /** The JDK's own tool does it; there is no public API that makes a certificate or a list. Returns its output. */
    private byte[] keytool(String what, String name, List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                // It takes half as long: it ends before a better compiler would pay.
                "-J-XX:TieredStopAtLevel=1",
                "-J-XX:+UseSerialGC",
                // The password is no secret: to derive a key from it ten thousand times costs each reader for nothing.
                "-J-Dkeystore.pkcs12.keyPbeIterationCount=1",
                "-J-Dkeystore.pkcs12.certPbeIterationCount=1",
                "-J-Dkeystore.pkcs12.macIterationCount=1",
                what,
                "-keystore",
                file(name).toString(),
                "-storepass",
                PASSWORD,
                "-alias",
                name));
        command.addAll(options);
        Process keytool = new ProcessBuilder(command).start();
        byte[] output = keytool.getInputStream().readAllBytes();
        String said = new String(keytool.getErrorStream().readAllBytes(), UTF_8);
        assertThat(keytool.waitFor()).as(new String(output, UTF_8) + said).isZero();
        return output;
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
        KeyStore own = load(name);
        for (String other : Collections.list(own.aliases())) {
            if (!other.equals(name)) {
                own.deleteEntry(other);
            }
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(own, PASSWORD.toCharArray());
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
