package io.sluice.tools.console;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who is let in: whoever has the token of a printed address, which counts once, and then whoever has the session's key.
 * Of tokens and keys only digests are kept. A session ends when nobody used it for twelve hours. Thread-safe.
 */
final class Logins {

    private static final int MOST_SESSIONS = 64;
    private static final Duration IDLE = Duration.ofHours(12);
    private static final int SECRET_BYTES = 32;

    private final SecureRandom random = new SecureRandom();
    private final InstantSource clock;
    private final Map<String, Instant> sessions = new LinkedHashMap<>(16, 0.75f, true);
    private Optional<String> token = Optional.empty();

    Logins(InstantSource clock) {
        this.clock = clock;
    }

    /** A token that opens one session; the one before it no longer does. */
    synchronized String newToken() {
        String secret = secret();
        token = Optional.of(digest(secret));
        return secret;
    }

    /** The key of a session for whoever has the token. */
    synchronized Optional<String> redeem(String given) {
        if (token.filter(digest(given)::equals).isEmpty()) {
            return Optional.empty();
        }
        token = Optional.empty();
        return Optional.of(open());
    }

    synchronized String open() {
        String key = secret();
        sessions.put(digest(key), clock.instant());
        if (sessions.size() > MOST_SESSIONS) {
            sessions.remove(sessions.keySet().iterator().next());
        }
        return key;
    }

    /** Whether a key is that of a session, which is used herewith. */
    synchronized boolean knows(String key) {
        Instant now = clock.instant();
        sessions.values().removeIf(used -> used.plus(IDLE).isBefore(now));
        return sessions.computeIfPresent(digest(key), (digest, used) -> now) != null;
    }

    synchronized void close(String key) {
        sessions.remove(digest(key));
    }

    private String secret() {
        byte[] bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String digest(String secret) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
