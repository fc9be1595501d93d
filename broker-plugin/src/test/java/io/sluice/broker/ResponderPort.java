package io.sluice.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.X509ObjectIdentifiers;

/**
 * Where certificates say that their responder is (OCSP). It is bound and does not listen: a responder may take it, and
 * nobody else gets it.
 */
public final class ResponderPort implements AutoCloseable {

    private final Socket held = new Socket();

    public ResponderPort() throws IOException {
        held.setReuseAddress(true);
        held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    public int number() {
        return held.getLocalPort();
    }

    /** The extension of a certificate that names it, for {@link TestKeys#issue}. */
    public Extension extension() {
        return TestKeys.extension(
                Extension.authorityInfoAccess,
                new AuthorityInformationAccess(
                        X509ObjectIdentifiers.ocspAccessMethod,
                        new GeneralName(GeneralName.uniformResourceIdentifier, "http://127.0.0.1:" + number())));
    }

    /** A responder that takes connections and says nothing. */
    public ServerSocket silent() throws IOException {
        ServerSocket silent = new ServerSocket(number(), 100, InetAddress.getLoopbackAddress());
        silent.setSoTimeout(30_000);
        return silent;
    }

    @Override
    public void close() throws IOException {
        held.close();
    }
}
