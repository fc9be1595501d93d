package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A key and a certificate for 127.0.0.1 in a file (PEM), which the same authority issues anew now and then. */
final class RenewedCertificate {

    private static final String PASSWORD = "password-of-the-stores";
    private static final String AUTHORITY = "authority";
    private static final String KEY = "key";

    private final Path folder;
    private int issued;

    /** Makes an authority, and has it issue the first certificate. */
    RenewedCertificate(Path folder) throws Exception {
        this.folder = Files.createDirectories(folder);
        SelfSigned.keyPair(authority(), PASSWORD, AUTHORITY, "-dname", "CN=" + AUTHORITY, "-ext", "bc:c");
        Files.writeString(
                trusted(),
                pem("CERTIFICATE", load(authority()).getCertificate(AUTHORITY).getEncoded()));
        renew();
    }

    /** What the broker shows. */
    Path file() {
        return folder.resolve("broker.pem");
    }

    /** The certificate of the authority. */
    Path trusted() {
        return folder.resolve("trusted.pem");
    }

    private Path authority() {
        return folder.resolve("authority.p12");
    }

    /** Puts another key and certificate into the file, and returns its serial number. */
    BigInteger renew() throws Exception {
        Path store = folder.resolve("issued-" + ++issued + ".p12");
        Files.copy(authority(), store);
        SelfSigned.keyPair(
                store, PASSWORD, KEY, "-signer", AUTHORITY, "-dname", "CN=broker", "-ext", "san=ip:127.0.0.1");
        KeyStore keys = load(store);
        StringBuilder text = new StringBuilder(
                pem("PRIVATE KEY", keys.getKey(KEY, PASSWORD.toCharArray()).getEncoded()));
        for (Certificate certificate : keys.getCertificateChain(KEY)) {
            text.append(pem("CERTIFICATE", certificate.getEncoded()));
        }
        Path written = Files.writeString(folder.resolve("written"), text);
        Files.move(written, file(), StandardCopyOption.ATOMIC_MOVE);
        return ((X509Certificate) keys.getCertificate(KEY)).getSerialNumber();
    }

    /** The serial number of what a broker on this machine shows, which the authority must have issued. */
    BigInteger shownAt(int port) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(AUTHORITY, load(authority()).getCertificate(AUTHORITY));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.startHandshake();
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
        }
    }

    private static KeyStore load(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private static String pem(String label, byte[] bytes) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(bytes)
                + "\n-----END " + label + "-----\n";
    }
}
