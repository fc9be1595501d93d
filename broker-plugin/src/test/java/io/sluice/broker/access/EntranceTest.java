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
import io.sluice.broker.access.Verdict.Unwelcome;
import io.sluice.broker.access.Verdict.Welcome;
import io.sluice.broker.packet.Reason;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EntranceTest {

    @TempDir
    private Path dir;

    private final List<Verdict> verdicts = new CopyOnWriteArrayList<>();

    private Entrance entrance(int cost, int mostWaiting) throws Exception {
        Path file = Files.writeString(
                dir.resolve("passwords"), "ann:" + BCrypt.withDefaults().hashToString(cost, "secret".toCharArray()));
        return Entrance.of(
                new AccessConfig(
                        false,
                        Optional.of(file),
                        Optional.empty(),
                        CertificateNames.NONE,
                        Optional.empty(),
                        Optional.empty()),
                new PermitAllAuthorizatorPolicy(),
                mostWaiting);
    }

    private static Arrival arrival(String user, String password, boolean isThere) {
        return new Arrival(
                "c",
                Optional.of(user),
                Optional.of(password.getBytes(UTF_8)),
                Optional.empty(),
                Optional.empty(),
                password.length(),
                () -> isThere);
    }

    private static boolean isWelcome(Verdict verdict) {
        return verdict instanceof Welcome welcome && welcome.username().equals(Optional.of("ann"));
    }

    @Test
    void whoever_comes_while_too_many_wait_is_refused_at_once() throws Exception {
        try (Entrance entrance = entrance(10, 2)) {
            for (int i = 0; i < 50; i++) {
                entrance.admit(arrival("ann", "secret", true), verdicts::add);
            }
            assertThat(verdicts)
                    .hasSizeGreaterThan(20)
                    .allSatisfy(verdict -> assertThat(verdict)
                            .isEqualTo(new Unwelcome(
                                    Reason.SERVER_BUSY,
                                    "too many other logins wait for their passwords to be checked")));
            await().until(() -> verdicts.size() == 50);
            assertThat(verdicts).anyMatch(EntranceTest::isWelcome);
        }
    }

    @Test
    void passwords_that_are_long_fill_less_of_the_queue_than_memory_would_take() throws Exception {
        long most = Math.max(1 << 20, Runtime.getRuntime().maxMemory() / 32);
        try (Entrance entrance = entrance(8, 100_000)) {
            String longest = "x".repeat(65_000);
            int tried = (int) (most / 65_000) + 100;
            for (int i = 0; i < tried; i++) {
                entrance.admit(arrival("ann", longest, true), verdicts::add);
            }
            assertThat(verdicts)
                    .anySatisfy(verdict ->
                            assertThat(((Unwelcome) verdict).reason()).isEqualTo(Reason.SERVER_BUSY));
        }
    }

    @Test
    void no_password_is_hashed_for_somebody_who_has_left() throws Exception {
        try (Entrance entrance = entrance(4, 10)) {
            entrance.admit(arrival("ann", "secret", false), verdicts::add);
            entrance.admit(arrival("ann", "secret", true), verdicts::add);
            await().until(() -> !verdicts.isEmpty());
            assertThat(verdicts).hasSize(1).allMatch(EntranceTest::isWelcome);
        }
    }

    @Test
    void the_log_can_say_why_somebody_is_not_let_in() throws Exception {
        try (Entrance entrance = entrance(4, 10)) {
            entrance.admit(arrival("bob", "secret", true), verdicts::add);
            await().until(() -> verdicts.size() == 1);
            entrance.admit(arrival("ann", "guessed", true), verdicts::add);
            await().until(() -> verdicts.size() == 2);
            entrance.admit(
                    new Arrival(
                            "c",
                            Optional.of("ann"),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            0,
                            () -> true),
                    verdicts::add);
            await().until(() -> verdicts.size() == 3);
            entrance.admit(
                    new Arrival(
                            "c", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), 0, () -> true),
                    verdicts::add);

            assertThat(verdicts)
                    .extracting(verdict -> ((Unwelcome) verdict).why())
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
                Optional.empty());
        try (Entrance entrance = Entrance.of(config)) {
            entrance.admit(arrival("admin", "x", true), verdicts::add);
            entrance.admit(
                    new Arrival(
                            "c", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), 0, () -> true),
                    verdicts::add);

            assertThat(verdicts)
                    .containsExactly(
                            new Unwelcome(Reason.NOT_AUTHORIZED, "it sends a user name but shows no certificate"),
                            new Welcome(Optional.empty(), Pass.ALWAYS));
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
                Optional.of(new ClientIdPattern("(a|b)*")));
        try (Entrance entrance = Entrance.of(config)) {
            entrance.admit(
                    new Arrival(
                            "a".repeat(60_000),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            0,
                            () -> true),
                    verdicts::add);

            assertThat(verdicts)
                    .containsExactly(new Unwelcome(
                            Reason.UNSPECIFIED_ERROR,
                            "its client identifier cannot be checked: java.lang.StackOverflowError"));
        }
    }

    @Test
    void passwords_are_checked_while_nobody_says_the_keys_of_tokens() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Path file = Files.writeString(
                    dir.resolve("passwords"), "ann:" + BCrypt.withDefaults().hashToString(4, "secret".toCharArray()));
            JwtConfig tokens = new JwtConfig(
                    new JwtConfig.Keys("http://127.0.0.1:" + silent.getLocalPort() + "/keys"),
                    Optional.empty(),
                    Optional.empty(),
                    "sub",
                    Optional.empty(),
                    Optional.empty());
            AccessConfig config = new AccessConfig(
                    false,
                    Optional.of(file),
                    Optional.empty(),
                    CertificateNames.NONE,
                    Optional.of(tokens),
                    Optional.empty());
            ECKey key = new ECKeyGenerator(Curve.P_256).keyID("unknown").generate();
            SignedJWT token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.ES256)
                            .keyID(key.getKeyID())
                            .build(),
                    new JWTClaimsSet.Builder().subject("bob").build());
            token.sign(new ECDSASigner(key));
            try (Entrance entrance = Entrance.of(config)) {
                for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
                    entrance.admit(arrival("bob", token.serialize(), true), verdicts::add);
                }
                entrance.admit(arrival("ann", "secret", true), verdicts::add);
                await().atMost(Duration.ofSeconds(2))
                        .until(() -> verdicts.stream().anyMatch(EntranceTest::isWelcome));
            }
        }
    }
}
