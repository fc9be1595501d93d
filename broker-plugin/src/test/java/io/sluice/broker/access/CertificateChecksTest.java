package io.sluice.broker.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.ResponderPort;
import io.sluice.broker.TestKeys;
import io.sluice.broker.access.LoginResult.Accepted;
import io.sluice.broker.access.LoginResult.Refused;
import io.sluice.broker.packet.Reason;
import io.sluice.tls.CertificateCheck;
import io.sluice.tls.Revocation;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logins that wait for a responder that says nothing. */
class CertificateChecksTest {

    private static final Accepted ANYBODY = new Accepted(Optional.empty(), AccessGrant.ALWAYS);

    /** Read once: to open a key store takes long. */
    private static final Map<String, X509Certificate> CERTIFICATES = new HashMap<>();

    @TempDir
    private static Path dir;

    private static TestKeys keys;
    private static ResponderPort responder;
    /** Nobody ever listens there. */
    private static ResponderPort absent;

    private final List<LoginResult> results = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = new TestKeys(dir);
        responder = new ResponderPort();
        absent = new ResponderPort();
        keys.make("issuer", "EC", TestKeys.AUTHORITY);
        for (String name : List.of("one", "two", "three")) {
            keys.issue(name, "issuer", responder.extension());
        }
        keys.issue("other", "issuer", absent.extension());
        for (String name : List.of("one", "two", "three", "other")) {
            CERTIFICATES.put(name, keys.certificate(name));
        }
    }

    @AfterAll
    static void free() throws IOException {
        responder.close();
        absent.close();
    }

    private static CertificateCheck asking(Revocation.Ocsp ocsp) {
        return new CertificateCheck(keys.store("issuer"), new Revocation(Optional.empty(), ocsp));
    }

    private static CertificateChecks checks(int mostSharing) {
        return new CertificateChecks(
                new RevokedCertificates(asking(Revocation.Ocsp.REQUIRED)),
                new LoginThreads("asks", "certificates", 1, 1),
                mostSharing);
    }

    private static Credentials showing(String name, boolean isThere) {
        return showing(name, () -> isThere);
    }

    private static Credentials showing(String name, BooleanSupplier isThere) {
        return new Credentials(
                "c",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(Objects.requireNonNull(CERTIFICATES.get(name))),
                0,
                isThere);
    }

    /** One certificate is asked about at a time, and one waits for that; of one certificate, one login waits with another. */
    @Test
    void how_many_wait_for_responders_is_bounded_and_nobody_asks_one_for_somebody_who_has_left() throws Exception {
        AtomicBoolean isThere = new AtomicBoolean(true);
        try (CertificateChecks checks = checks(1)) {
            try (ServerSocket silent = responder.silent()) {
                checks.check(showing("one", true), ANYBODY, results::add);
                try (Socket asked = silent.accept()) {
                    assertThat(asked.isConnected()).isTrue();
                    checks.check(showing("one", true), ANYBODY, results::add);
                    checks.check(showing("two", isThere::get), ANYBODY, results::add);
                    assertThat(results).as("all wait").isEmpty();

                    checks.check(showing("one", true), ANYBODY, results::add);
                    checks.check(showing("three", true), ANYBODY, results::add);
                    Refused busy = new Refused(
                            Reason.SERVER_BUSY, "too many other logins wait for their certificates to be checked");
                    assertThat(results).containsExactly(busy, busy);
                    isThere.set(false);
                }
            }
            await().until(() -> results.size() == 4);
            await().during(Duration.ofMillis(200)).until(() -> results.size() == 4);
            assertThat(results.subList(2, 4))
                    .allSatisfy(result -> assertThat(((Refused) result).why())
                            .startsWith("its certificate, of CN=one, does not count: Unable to determine"));
        }
    }

    /** The same, and two logins wait with another. */
    @Test
    void who_has_left_keeps_nobody_from_waiting_for_a_responder() throws Exception {
        AtomicBoolean isThere = new AtomicBoolean(true);
        try (CertificateChecks checks = checks(2)) {
            try (ServerSocket silent = responder.silent()) {
                checks.check(showing("one", isThere::get), ANYBODY, results::add);
                try (Socket asked = silent.accept()) {
                    assertThat(asked.isConnected()).isTrue();
                    checks.check(showing("one", isThere::get), ANYBODY, results::add);
                    checks.check(showing("two", isThere::get), ANYBODY, results::add);
                    checks.check(showing("two", isThere::get), ANYBODY, results::add);
                    isThere.set(false);

                    // Each takes the place of those who have left.
                    checks.check(showing("one", true), ANYBODY, results::add);
                    checks.check(showing("three", true), ANYBODY, results::add);
                    checks.check(showing("three", true), ANYBODY, results::add);
                    assertThat(results).as("all wait").isEmpty();

                    checks.check(showing("three", true), ANYBODY, results::add);
                    checks.check(showing("two", true), ANYBODY, results::add);
                    assertThat(results).as("no more fit in").hasSize(2);
                }
            }
            await().until(() -> results.size() == 5);
            assertThat(results.subList(2, 5))
                    .extracting(result -> ((Refused) result).why())
                    .satisfiesExactly(
                            why -> assertThat(why).contains("CN=one"),
                            why -> assertThat(why).contains("CN=three"),
                            why -> assertThat(why).contains("CN=three"));
        }
    }

    @Test
    void a_device_that_connects_over_and_over_holds_up_nobody_while_its_responder_is_silent() throws Exception {
        AccessConfig config = new AccessConfig(
                true,
                Optional.empty(),
                Optional.empty(),
                CertificateNames.NONE,
                Optional.empty(),
                Optional.of(asking(Revocation.Ocsp.SOFT)),
                Optional.empty());
        try (AccessControl access = AccessControl.of(config)) {
            try (ServerSocket silent = responder.silent()) {
                access.admit(showing("one", false), results::add);
                for (int i = 0; i < 2 * LoginThreads.MOST_ASKED; i++) {
                    access.admit(showing("one", true), results::add);
                }
                try (Socket asked = silent.accept()) {
                    List<LoginResult> ofOther = new CopyOnWriteArrayList<>();
                    access.admit(showing("other", true), ofOther::add);
                    await().until(() -> !ofOther.isEmpty());
                    assertThat(ofOther).allMatch(Accepted.class::isInstance);
                    assertThat(results).as("the responder is silent").isEmpty();
                    assertThat(asked.isConnected()).isTrue();
                }
            }
            await().until(() -> results.size() == 2 * LoginThreads.MOST_ASKED);
            assertThat(results).allMatch(Accepted.class::isInstance);
        }
    }
}
