package io.sluice.tools;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Whom a client trusts, if it is told. */
public final class Trust {

    private Trust() {}

    /**
     * Trust in those who signed with the certificates of a file.
     *
     * @param file of certificates (PEM)
     * @throws ToolException if it has none
     */
    public static TrustManagerFactory of(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("trusted-" + number++, certificate);
            }
            if (number == 0) {
                throw unreadable(file, "it has no certificate");
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory;
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(file, e.toString());
        }
    }

    /** TLS of a client that trusts as it is told: nobody if it is told nothing. */
    public static SSLContext context(TrustManager... trusted) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trusted, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has TLS", e);
        }
    }

    public static ToolException unreadable(Path file, String why) {
        return ToolException.usage("The certificates in " + file + " cannot be used: " + why + ".");
    }
}
