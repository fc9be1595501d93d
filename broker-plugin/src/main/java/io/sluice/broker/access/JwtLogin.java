package io.sluice.broker.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.sluice.broker.access.LoginResult.Accepted;
import io.sluice.broker.access.LoginResult.Refused;
import io.sluice.broker.packet.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets in clients that show a signed token (JWT, RFC 7519) in place of a password, until it expires. Keys come from a
 * file, which is followed, or from a URL: they are fetched when they are needed, renewed before they are old, and kept
 * for a while longer if the URL does not answer. No other class uses the library for tokens. Thread-safe; may wait for
 * the network.
 */
final class JwtLogin implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(JwtLogin.class);

    /** The algorithms whose private key the broker does not have. */
    private static final Set<JWSAlgorithm> ALGORITHMS = Stream.of(JWSAlgorithm.Family.RSA, JWSAlgorithm.Family.EC)
            .flatMap(Set::stream)
            .collect(Collectors.toSet());

    private static final int SKEW_SECONDS = 30;
    private static final int ANSWER_WITHIN_MS = 3_000;
    private static final int MOST_BYTES = 1 << 20;
    private static final Duration KEPT_WITHOUT_ANSWER = Duration.ofHours(4);

    private final JwtConfig config;
    private final Optional<FollowedRules<JWKSet>> file;
    private final Optional<JWKSource<SecurityContext>> remote;
    private final DefaultJWTProcessor<SecurityContext> processor;

    /** @throws AccessException if a file of keys cannot be used; a URL is fetched at the first login */
    JwtLogin(JwtConfig config) {
        this.config = config;
        this.remote = config.keys().url().map(JwtLogin::fetching);
        this.file = remote.isPresent()
                ? Optional.empty()
                : Optional.of(new FollowedRules<>("JWK set", config.keys().file(), JwtLogin::parse));
        this.processor = new DefaultJWTProcessor<>();
        processor.setJWSTypeVerifier(
                new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(
                ALGORITHMS,
                remote.orElse((selector, context) ->
                        selector.select(file.orElseThrow().current()))));
        JWTClaimsSet.Builder exact = new JWTClaimsSet.Builder();
        config.issuer().ifPresent(exact::issuer);
        DefaultJWTClaimsVerifier<SecurityContext> claims = new DefaultJWTClaimsVerifier<>(
                config.audience().orElse(null), exact.build(), Set.of("exp", config.usernameClaim()));
        claims.setMaxClockSkew(SKEW_SECONDS);
        processor.setJWTClaimsSetVerifier(claims);
    }

    private static JWKSource<SecurityContext> fetching(URI url) {
        try {
            return JWKSourceBuilder.create(
                            url.toURL(), new DefaultResourceRetriever(ANSWER_WITHIN_MS, ANSWER_WITHIN_MS, MOST_BYTES))
                    .retrying(true)
                    .outageTolerant(KEPT_WITHOUT_ANSWER.toMillis())
                    .build();
        } catch (MalformedURLException e) {
            throw new AccessException("broker.jwt.jwks is '" + url + "', which is not a URL: " + e.getMessage(), e);
        }
    }

    private static JWKSet parse(Path file, List<String> lines) {
        try {
            return JWKSet.parse(String.join("\n", lines));
        } catch (ParseException e) {
            throw new AccessException("The JWK set " + file + " cannot be understood: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            // The library does not expect JSON such as null, or a key that is null.
            throw new AccessException(
                    "The JWK set " + file + " cannot be understood: it is no object with a list of keys", e);
        }
    }

    boolean look() {
        return file.isPresent() && file.get().look();
    }

    /** Whether a password looks like a token: three parts, of which the first begins with a brace in Base64. */
    static boolean looksLikeOne(byte[] password) {
        String text = new String(password, StandardCharsets.ISO_8859_1);
        return text.startsWith("eyJ") && text.chars().filter(c -> c == '.').count() == 2;
    }

    /** Checks the token that a client shows, in enhanced authentication or as password. */
    LoginResult check(Credentials credentials) {
        String token =
                new String(credentials.token().or(credentials::password).orElseThrow(), StandardCharsets.US_ASCII);
        try {
            JWTClaimsSet claims = processor.process(token, null);
            String user = user(claims);
            if (credentials.username().isPresent()
                    && !credentials.username().get().equals(user)) {
                return new Refused(
                        Reason.BAD_USER_NAME_OR_PASSWORD,
                        "it sends the user name '" + credentials.username().get() + "', but its token is that of '"
                                + user + "'");
            }
            return new Accepted(
                    Optional.of(user),
                    new Token(
                            claims.getExpirationTime().toInstant().plusSeconds(SKEW_SECONDS),
                            topics(claims, config.publishClaim()),
                            topics(claims, config.subscribeClaim())));
        } catch (KeySourceException e) {
            return new Refused(
                    Reason.SERVER_UNAVAILABLE, "the keys for its token cannot be fetched: " + e.getMessage());
        } catch (ParseException | BadJOSEException | JOSEException e) {
            return new Refused(Reason.BAD_USER_NAME_OR_PASSWORD, "its token is not valid: " + e.getMessage());
        }
    }

    /** A claim that is there may still be null, empty or a list: it would be a name that several holders share. */
    private String user(JWTClaimsSet claims) throws BadJWTException {
        Object name = claims.getClaim(config.usernameClaim());
        if ((name instanceof String text && !text.isEmpty()) || name instanceof Number) {
            return String.valueOf(name);
        }
        throw new BadJWTException("the claim " + config.usernameClaim() + " names no user");
    }

    /** A claim that is configured and missing grants nothing. */
    private static Optional<List<TopicLevels>> topics(JWTClaimsSet claims, Optional<String> name)
            throws ParseException {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        List<String> filters = claims.getStringListClaim(name.get());
        return Optional.of((filters == null ? List.<String>of() : filters)
                .stream().map(TopicLevels::of).toList());
    }

    /** The grant of a token, until it expires. */
    private record Token(Instant end, Optional<List<TopicLevels>> publish, Optional<List<TopicLevels>> subscribe)
            implements AccessGrant {

        @Override
        public Optional<String> objection() {
            return Instant.now().isBefore(end) ? Optional.empty() : Optional.of("its token has expired");
        }

        @Override
        public Optional<Instant> endsAt() {
            return Optional.of(end);
        }

        @Override
        public boolean mayPublish(String topic) {
            return covers(publish, topic);
        }

        @Override
        public boolean mayRead(String filter) {
            return covers(subscribe, filter);
        }

        private static boolean covers(Optional<List<TopicLevels>> filters, String topic) {
            TopicLevels asked = TopicLevels.of(topic);
            return filters.isEmpty() || filters.get().stream().anyMatch(filter -> filter.cover(asked));
        }
    }

    @Override
    public void close() {
        if (remote.isPresent() && remote.get() instanceof Closeable source) {
            try {
                source.close();
            } catch (IOException e) {
                LOG.debug("What renews the keys of tokens cannot be closed", e);
            }
        }
    }
}
