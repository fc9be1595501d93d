package io.sluice.broker.access;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which tokens devices may show in place of a password.
 *
 * @param keys where the public keys of their issuers are, as a JWK set
 * @param issuer the issuer that they must name; empty: any
 * @param audience the audience that they must name; empty: any
 * @param usernameClaim which claim is the user name
 * @param publishClaim which claim lists the topics that its holder may publish to, as filters
 * @param subscribeClaim which claim lists the filters that its holder may subscribe to
 */
public record JwtConfig(
        Keys keys,
        Optional<String> issuer,
        Optional<String> audience,
        String usernameClaim,
        Optional<String> publishClaim,
        Optional<String> subscribeClaim) {

    /**
     * Where the keys are: in a file, or at a URL.
     *
     * @param text as it is written
     */
    public record Keys(String text) {

        /** In full: a host name may begin like an address. */
        private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

        /** @throws IllegalArgumentException with a clause that says what would be right */
        public Keys {
            if (text.startsWith("http://") && !isLoopback(text)) {
                throw new IllegalArgumentException(
                        "it must be an https URL or a file: over http an attacker on the network could replace the"
                                + " keys");
            }
            if (isUrl(text) && URI.create(text).getHost() == null) {
                throw new IllegalArgumentException("it has no host");
            }
        }

        /** Whether a text stands for a URL; any other is the path of a file. */
        public static boolean isUrl(String text) {
            return text.startsWith("http://") || text.startsWith("https://");
        }

        private static boolean isLoopback(String text) {
            return LOOPBACK.matcher(String.valueOf(URI.create(text).getHost())).matches();
        }

        Optional<URI> url() {
            return isUrl(text) ? Optional.of(URI.create(text)) : Optional.empty();
        }

        /** The file, if the keys are not at a URL. */
        Path file() {
            return Path.of(text);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
