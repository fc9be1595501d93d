package io.sluice.broker.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import at.favre.lib.crypto.bcrypt.BCrypt;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.moquette.broker.security.PermitAllAuthorizatorPolicy;
import io.sluice.broker.access.LoginResult.Accepted;
import io.sluice.broker.access.LoginResult.Refused;
import io.sluice.broker.packet.Reason;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessControlTest {

    @TempDir
    private Path dir;

    private final List<LoginResult> results = new CopyOnWriteArrayList<>();

    private AccessControl access(int cost, int mostWaiting) throws Exception {
        Path file = Files.writeString(
                dir.resolve("passwords"), "ann:" + BCrypt.withDefaults().hashToString(cost, "secret".toCharArray()));
        return new AccessControl(
                new AccessConfig(
                        false,
                        Optional.of(file),
                        Optional.empty(),
                        CertificateNames.NONE,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                new PermitAllAuthorizatorPolicy(),
                mostWaiting);
    }

    private static Credentials credentials(String user, String password, boolean isThere) {
        return credentials(user, password, () -> isThere);
    }

    private static Credentials credentials(String user, String password, BooleanSupplier isThere) {
        return new Credentials(
                "c",
                Optional.of(user),
                Optional.of(password.getBytes(UTF_8)),
                Optional.empty(),
                List.of(),
                password.length(),
                isThere);
    }

    private static boolean isAccepted(LoginResult result) {
        return result instanceof Accepted accepted && accepted.username().equals(Optional.of("ann"));
    }

    @Test
    void whoever_comes_while_too_many_wait_is_refused_at_once() throws Exception {
        try (AccessControl access = access(10, 2)) {
            for (int i = 0; i < 50; i++) {
                access.admit(credentials("ann", "secret", true), results::add);
            }
            assertThat(results)
                    .contains(new Refused(
                            Reason.SERVER_BUSY, "too many other logins wait for their passwords to be checked"));
            await().until(() -> results.size() == 50);
            assertThat(results).anyMatch(AccessControlTest::isAccepted);
        }
    }

    @Test
    void passwords_that_are_long_fill_less_of_the_queue_than_memory_would_take() throws Exception {
        long most = Math.max(1 << 20, Runtime.getRuntime().maxMemory() / 32);
        try (AccessControl access = access(8, 100_000)) {
            String longest = "x".repeat(65_000);
            int tried = (int) (most / 65_000) + 100;
            for (int i = 0; i < tried; i++) {
                access.admit(credentials("ann", longest, true), results::add);
            }
            assertThat(results)
                    .anySatisfy(
                            result -> assertThat(((Refused) result).reason()).isEqualTo(Reason.SERVER_BUSY));
        }
    }

    @Test
    void no_password_is_hashed_for_somebody_who_has_left() throws Exception {
        try (AccessControl access = access(4, 10)) {
            access.admit(credentials("ann", "secret", false), results::add);
            access.admit(credentials("ann", "secret", true), results::add);
            await().until(() -> !results.isEmpty());
            assertThat(results).hasSize(1).allMatch(AccessControlTest::isAccepted);
        }
    }

    @Test
    void the_log_can_say_why_somebody_is_not_let_in() throws Exception {
        try (AccessControl access = access(4, 10)) {
            access.admit(credentials("bob", "secret", true), results::add);
            await().until(() -> results.size() == 1);
            access.admit(credentials("ann", "guessed", true), results::add);
            await().until(() -> results.size() == 2);
            access.admit(
                    new Credentials(
                            "c", Optional.of("ann"), Optional.empty(), Optional.empty(), List.of(), 0, () -> true),
                    results::add);
            await().until(() -> results.size() == 3);
            access.admit(
                    new Credentials(
                            "c", Optional.empty(), Optional.empty(), Optional.empty(), List.of(), 0, () -> true),
                    results::add);

            assertThat(results)
                    .extracting(result -> ((Refused) result).why())
                    .containsExactly(
                            "there is no user 'bob'",
                            "wrong password of user 'ann'",
                            "user 'ann' sends no password",
                            "it sends no user name");
        }
    }

    @Test
    void where_certificates_say_who_somebody_is_no_user_name_is_taken_without_one() {
        AccessConfig config = new AccessConfig(
                true,
                Optional.empty(),
                Optional.empty(),
                new CertificateNames(CertificateNames.Source.CN, PrincipalRules.DEFAULT),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        try (AccessControl access = AccessControl.of(config)) {
            access.admit(credentials("admin", "x", true), results::add);
            access.admit(
                    new Credentials(
                            "c", Optional.empty(), Optional.empty(), Optional.empty(), List.of(), 0, () -> true),
                    results::add);

            assertThat(results)
                    .containsExactly(
                            new Refused(Reason.NOT_AUTHORIZED, "it sends a user name but shows no certificate"),
                            new Accepted(Optional.empty(), AccessGrant.ALWAYS));
        }
    }

    @Test
    void an_identifier_that_cannot_be_checked_is_refused() {
        AccessConfig config = new AccessConfig(
                true,
                Optional.empty(),
                Optional.empty(),
                CertificateNames.NONE,
                Optional.empty(),
                Optional.empty(),
                Optional.of(new ClientIdPattern("(a|b)*")));
        try (AccessControl access = AccessControl.of(config)) {
            access.admit(
                    new Credentials(
                            "a".repeat(60_000),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            List.of(),
                            0,
                            () -> true),
                    results::add);

            assertThat(results)
                    .containsExactly(new Refused(
                            Reason.UNSPECIFIED_ERROR,
                            "its client identifier cannot be checked: java.lang.StackOverflowError"));
        }
    }

    @Test
    void passwords_are_checked_while_nobody_says_the_keys_of_tokens() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Path file = Files.writeString(
                    dir.resolve("passwords"), "ann:" + BCrypt.withDefaults().hashToString(4, "secret".toCharArray()));
            AccessConfig config =
                    takingTokens("http://127.0.0.1:" + silent.getLocalPort() + "/keys", Optional.of(file));
            String token = token();
            try (AccessControl access = AccessControl.of(config)) {
                for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
                    access.admit(credentials("bob", token, true), results::add);
                }
                access.admit(credentials("ann", "secret", true), results::add);
                await().until(() -> !results.isEmpty());
                assertThat(results.get(0)).as("before those who show tokens").matches(AccessControlTest::isAccepted);
            }
        }
    }

    private static AccessConfig takingTokens(String keys, Optional<Path> passwordFile) {
        return new AccessConfig(
                false,
                passwordFile,
                Optional.empty(),
                CertificateNames.NONE,
                Optional.of(new JwtConfig(
                        new JwtConfig.Keys(keys),
                        Optional.empty(),
                        Optional.empty(),
                        "sub",
                        Optional.empty(),
                        Optional.empty())),
                Optional.empty(),
                Optional.empty());
    }

    /** A token whose key nobody knows. */
    private static String token() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID("unknown").generate();
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
                new JWTClaimsSet.Builder().subject("bob").build());
        token.sign(new ECDSASigner(key));
        return token.serialize();
    }

    @Test
    void who_has_left_keeps_nobody_from_waiting_for_the_keys_of_tokens() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                AccessControl access = new AccessControl(
                        takingTokens("http://127.0.0.1:" + silent.getLocalPort() + "/keys", Optional.empty()),
                        new PermitAllAuthorizatorPolicy(),
                        3)) {
            String token = token();
            // Those whose keys are awaited: the others find no thread.
            int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
            CountDownLatch begun = new CountDownLatch(threads);
            for (int i = 0; i < threads; i++) {
                access.admit(
                        credentials("bob", token, () -> {
                            begun.countDown();
                            return true;
                        }),
                        results::add);
            }
            begun.await();
            AtomicBoolean isThere = new AtomicBoolean(true);
            for (int i = 0; i < 3; i++) {
                access.admit(credentials("bob", token, isThere::get), results::add);
            }
            isThere.set(false);
            for (int i = 0; i < 3; i++) {
                access.admit(credentials("bob", token, () -> true), results::add);
            }
            assertThat(results).as("all wait").isEmpty();
            access.admit(credentials("bob", token, () -> true), results::add);
            assertThat(results).as("no more fit in").hasSize(1);
        }
    }
}
