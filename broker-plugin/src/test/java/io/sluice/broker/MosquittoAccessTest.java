package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.sluice.broker.access.AccessConfig;
import io.sluice.broker.access.CertificateNames;
import io.sluice.broker.access.ClientIdPattern;
import io.sluice.broker.access.JwtConfig;
import io.sluice.broker.access.PrincipalRules;
import io.sluice.broker.door.DoorStats;
import io.sluice.broker.door.transport.Listener.Transport;
import io.sluice.broker.rate.ConnectRates;
import io.sluice.broker.rate.PublishRates;
import io.sluice.broker.rate.RateLimits;
import io.sluice.broker.session.SessionLimits;
import io.sluice.message.Message;
import io.sluice.tls.CertificateCheck;
import io.sluice.tls.Revocation;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may come in, and how much of everything, as the tools that come with Mosquitto hear of it. */
@Timeout(60)
class MosquittoAccessTest {

    private static final String PUB = "mosquitto_pub";
    private static final String SUB = "mosquitto_sub";
    private static final int CONNECTS_A_MINUTE = 3;
    private static final long PUBLISHES_A_SECOND = 2;

    @TempDir
    private static Path dir;

    private static ECKey signer;
    private static TestBroker broker;
    private static TestBroker.Reader reader;

    /** One broker with every rule at once. No two tests use the same client identifier. */
    @BeforeAll
    static void start() throws Exception {
        MosquittoTool.assumeInstalled(PUB, SUB);
        TestKeys keys = new TestKeys(dir);
        keys.make("broker");
        keys.make("issuer", "EC", TestKeys.AUTHORITY);
        for (String device : List.of("good", "stolen")) {
            keys.issue(device, "issuer", TestKeys.names(device));
            Files.writeString(dir.resolve(device + ".pem"), keys.certificatePem(device));
            Files.writeString(dir.resolve(device + ".key"), keys.keyPem(device));
        }
        Files.writeString(dir.resolve("broker.pem"), keys.certificatePem("broker"));
        Path revoked = Files.write(
                dir.resolve("issuer.crl"),
                keys.revocationList("issuer", keys.certificate("stolen").getSerialNumber()));
        String hash = BCrypt.withDefaults().hashToString(4, "secret".toCharArray());
        Path passwords = Files.writeString(dir.resolve("passwords"), "ann:" + hash + "\nbob:" + hash + "\n");
        Path rights = Files.writeString(dir.resolve("acl"), "pattern readwrite %u/#\n");
        signer = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
        Path jwks = Files.writeString(dir.resolve("jwks.json"), new JWKSet(signer).toString(true));
        JwtConfig tokens = new JwtConfig(
                new JwtConfig.Keys(jwks.toString()),
                Optional.empty(),
                Optional.empty(),
                "sub",
                Optional.empty(),
                Optional.empty());
        SessionLimits usual = SessionLimits.DEFAULT;
        broker = new TestBroker.Wanted()
                .listeners("tcp://127.0.0.1:0", "ssl://127.0.0.1:0")
                .tls(new TlsConfig(
                        keys.store("broker"), Optional.empty(), Optional.of(keys.store("issuer")), ClientAuth.REQUIRED))
                .access(new AccessConfig(
                        false,
                        Optional.of(passwords),
                        Optional.of(rights),
                        new CertificateNames(CertificateNames.Source.CN, PrincipalRules.DEFAULT),
                        Optional.of(tokens),
                        Optional.of(new CertificateCheck(
                                keys.store("issuer"), new Revocation(Optional.of(revoked), Revocation.Ocsp.NONE))),
                        Optional.of(new ClientIdPattern("{username}-.*"))))
                .rates(new RateLimits(
                        new PublishRates(
                                new PublishRates.Limit(OptionalLong.of(PUBLISHES_A_SECOND), OptionalLong.empty()),
                                PublishRates.Limit.NONE,
                                PublishRates.Limit.NONE,
                                PublishRates.Excess.REFUSE),
                        new ConnectRates(10_000, 1_000, CONNECTS_A_MINUTE),
                        RateLimits.LOGIN_DELAY))
                .sessionLimits(new SessionLimits(
                        1,
                        usual.queueMessages(),
                        usual.queueBytes(),
                        2,
                        usual.allSubscriptions(),
                        usual.retainedMessages(),
                        usual.retainedBytes(),
                        usual.storedBytes()))
                .start();
        reader = broker.attach("good/#", "carl/#", "ann/five", "ann/three");
    }

    @AfterAll
    static void close() {
        if (broker != null) {
            reader.close();
            broker.close();
        }
    }

    private static DoorStats door() {
        return broker.broker().stats().door();
    }

    private static String[] words(String... parts) {
        return Stream.of(parts).flatMap(part -> Stream.of(part.split(" "))).toArray(String[]::new);
    }

    private static String[] as(String user, String id, String more) {
        return words("-u " + user + " -P secret -i " + id, more);
    }

    private static String[] showing(String device, String more) {
        return words(
                "--cafile " + dir.resolve("broker.pem") + " --cert " + dir.resolve(device + ".pem") + " --key "
                        + dir.resolve(device + ".key"),
                more);
    }

    @ParameterizedTest
    @CsvSource({
        "mqttv311, Connection Refused: not authorised, Connection Refused: bad user name or password",
        "mqttv5, Not authorized, Bad User Name or Password"
    })
    void a_certificate_names_its_user_and_one_that_was_taken_back_lets_nobody_in(
            String version, String notAuthorized, String badUserName) throws Exception {
        int port = broker.port(Transport.SSL);
        String publish = " -q 1 -t good/t -m x -V " + version;
        MosquittoTool.run(port, PUB, showing("good", "-i good-" + version + publish));
        Message captured = reader.read(1).get(0).message();
        assertThat(captured.username()).contains("good");
        assertThat(captured.certificateName()).contains("good");

        assertThat(MosquittoTool.fail(port, PUB, showing("stolen", "-i stolen-" + version + publish)))
                .containsIgnoringCase(notAuthorized);
        assertThat(MosquittoTool.fail(port, PUB, showing("good", "-u ann -P secret -i good-" + version + publish)))
                .as("somebody else than the certificate says")
                .containsIgnoringCase(badUserName);
        assertThat(MosquittoTool.fail(
                        port, PUB, words("--cafile " + dir.resolve("broker.pem") + " -i good-none" + publish)))
                .as("without a certificate")
                .isNotEmpty();
    }

    private static String token(Duration lasting) throws Exception {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .keyID(signer.getKeyID())
                        .build(),
                new JWTClaimsSet.Builder()
                        .subject("carl")
                        .expirationTime(Date.from(Instant.now().plus(lasting)))
                        .build());
        token.sign(new ECDSASigner(signer));
        return token.serialize();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv311", "mqttv5"})
    void a_token_lets_in_as_a_password_does_until_it_has_expired(String version) throws Exception {
        String publish = "-i carl-" + version + " -q 1 -t carl/t -m x -u carl -V " + version + " -P";
        MosquittoTool.run(broker.port(), PUB, words(publish, token(Duration.ofMinutes(10))));
        assertThat(reader.read(1).get(0).message().username()).contains("carl");
        assertThat(MosquittoTool.fail(broker.port(), PUB, words(publish, token(Duration.ofMinutes(-10)))))
                .containsIgnoringCase("bad user name or password");
    }

    @ParameterizedTest
    @CsvSource({"mqttv311, identifier rejected", "mqttv5, Client identifier not valid"})
    void a_user_may_not_take_a_client_identifier_that_the_pattern_does_not_give_it(String version, String told)
            throws Exception {
        String publish = "-q 1 -t ann/t -m x -V " + version;
        MosquittoTool.run(broker.port(), PUB, as("ann", "ann-pattern-" + version, publish));
        assertThat(MosquittoTool.fail(broker.port(), PUB, as("ann", "bob-pattern-" + version, publish)))
                .containsIgnoringCase(told);
    }

    @Test
    void what_a_user_may_not_read_or_leave_as_its_will_is_refused() throws Exception {
        MosquittoTool.run(broker.port(), SUB, as("ann", "ann-reads", "-V mqttv5 -E -t ann/#"));
        assertThat(MosquittoTool.run(broker.port(), SUB, as("ann", "ann-spies", "-V mqttv5 -E -t bob/#")))
                .contains("denied");
        assertThat(MosquittoTool.fail(
                        broker.port(),
                        PUB,
                        as("ann", "ann-wills", "-V mqttv5 -q 1 -t ann/t -m x --will-topic bob/t --will-payload x")))
                .containsIgnoringCase("not authorized");
    }

    @Test
    void who_publishes_too_much_is_told_in_mqtt_5_and_slowed_down_in_mqtt_3() throws Exception {
        String five = MosquittoTool.run(
                broker.port(), PUB, as("ann", "ann-much-5", "-V mqttv5 -q 1 -t ann/five -m x --repeat 4"));
        assertThat(five).contains("Quota exceeded");
        long taken =
                4 - five.lines().filter(line -> line.contains("Quota exceeded")).count();
        assertThat(taken).isPositive();
        assertThat(reader.read((int) taken)).hasSize((int) taken);

        long before = door().delayedPublishes();
        long begun = System.nanoTime();
        String three = MosquittoTool.run(
                broker.port(), PUB, as("ann", "ann-much-3", "-V mqttv311 -q 1 -t ann/three -m x --repeat 4"));
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .as("four, of which one is saved up, at two a second")
                .isGreaterThan(Duration.ofSeconds(1));
        assertThat(three).isEmpty();
        assertThat(door().delayedPublishes()).isGreaterThan(before);
        assertThat(reader.read(4)).hasSize(4);
    }

    @Test
    void sessions_and_subscriptions_beyond_the_limit_are_refused() throws Exception {
        MosquittoTool.run(broker.port(), SUB, as("ann", "ann-first", "-V mqttv311 -c -E -q 1 -t ann/t"));
        assertThat(MosquittoTool.fail(broker.port(), SUB, as("ann", "ann-second", "-V mqttv311 -c -E -q 1 -t ann/t")))
                .contains("broker unavailable");
        assertThat(MosquittoTool.fail(broker.port(), SUB, as("ann", "ann-third", "-V mqttv5 -c -E -q 1 -t ann/t")))
                .contains("Quota exceeded");
        assertThat(MosquittoTool.run(
                        broker.port(), SUB, as("ann", "ann-many", "-V mqttv5 -d -E -q 1 -t ann/1 -t ann/2 -t ann/3")))
                .contains("1, 1, " + 0x97);
    }

    @ParameterizedTest
    @CsvSource({"mqttv311, broker unavailable", "mqttv5, Connection rate exceeded"})
    void who_connects_over_and_over_is_held_off_and_others_are_not(String version, String told) throws Exception {
        String publish = "-q 1 -t ann/t -m x -V " + version;
        for (int i = 0; i < CONNECTS_A_MINUTE; i++) {
            MosquittoTool.run(broker.port(), PUB, as("ann", "ann-flaps-" + version, publish));
        }
        assertThat(MosquittoTool.fail(broker.port(), PUB, as("ann", "ann-flaps-" + version, publish)))
                .containsIgnoringCase(told);
        MosquittoTool.run(broker.port(), PUB, as("ann", "ann-calm-" + version, publish));
    }

    @Test
    void who_guesses_passwords_has_to_wait_and_hears_each_time_that_it_is_wrong() throws Exception {
        long before = door().delayedLogins();
        for (int i = 0; i < 7; i++) {
            assertThat(MosquittoTool.fail(
                            broker.port(),
                            PUB,
                            words("-A 127.0.0.6 -u bob -P guess-" + i + " -i bob-" + i + " -q 1 -t bob/t -m x")))
                    .containsIgnoringCase("bad user name or password");
        }
        assertThat(door().delayedLogins()).isGreaterThan(before);
    }
}
