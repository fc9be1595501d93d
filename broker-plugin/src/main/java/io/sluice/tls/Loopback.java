package io.sluice.tls;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Which addresses need no TLS, as no other machine reaches them. */
public final class Loopback {

    private Loopback() {}

    /** Whether only this machine can reach a host. An unknown host name is not on loopback. Asks the name server. */
    public static boolean has(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
