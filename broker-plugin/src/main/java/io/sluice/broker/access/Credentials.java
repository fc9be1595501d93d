package io.sluice.broker.access;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What a client presents when it connects or re-authenticates.
 *
 * @param clientId its client identifier
 * @param username its user name, if it gives one
 * @param password its password, if it gives one
 * @param token what it shows in enhanced authentication (MQTT 5 section 4.12), if it uses that
 * @param chain its certificate, if it has shown a trusted one, followed by those of issuers that it has shown
 * @param heldBytes about how much memory its CONNECT holds, in bytes
 * @param isThere whether it still waits for an answer
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Credentials(
        String clientId,
        Optional<String> username,
        Optional<byte[]> password,
        Optional<byte[]> token,
        List<X509Certificate> chain,
        int heldBytes,
        BooleanSupplier isThere) {

    Optional<X509Certificate> certificate() {
        return chain.stream().findFirst();
    }

    @Override
    public String toString() {
        return "client '" + clientId + "'";
    }
}
