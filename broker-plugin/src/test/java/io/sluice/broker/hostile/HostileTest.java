package io.sluice.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.hostile.Standalone.Held;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.broker.raw.WebSocketPeer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/**
 * What an attack must not change. During each, two clients that do nothing wrong, one of MQTT 3.1.1 and one of MQTT 5,
 * publish at QoS 1, and each PUBACK comes within a second. After it:
 *
 * <ul>
 *   <li>the process lives, and newcomers connect, subscribe and are sent what they publish;
 *   <li>what the two published is in the buffer, once and in order;
 *   <li>the heap after a garbage collection has grown by less than {@link #HEAP_TOLERANCE}, and Netty's direct memory by
 *       less than {@link #DIRECT_TOLERANCE}, as soon as the attackers are gone; their sockets are closed;
 *   <li>the log has grown by fewer than {@link #LOG_TOLERANCE} lines beside those of the audit log, and none of them tells of an error or a leak.
 * </ul>
 *
 * <p>One broker serves all tests of a JVM; the one behind a test that fails, or that {@link #isTheBrokersLast} says so,
 * gets another.
 */
@Timeout(90)
@Tag("hostile")
abstract class HostileTest {

    static final long HEAP_TOLERANCE = 12 << 20;
    static final long DIRECT_TOLERANCE = 1 << 20;
    static final int FILES_TOLERANCE = 10;
    static final int LOG_TOLERANCE = 50;
    private static final String AUDIT = "i.s.audit";
    /** An attack that stops a broker stops it for longer; two slow cores need so long while two attacks run. */
    static final Duration PUBACK_LIMIT = Duration.ofSeconds(2);

    static final Duration AT_ONCE = Duration.ofSeconds(3);

    private static final Duration RECOVERY = Duration.ofSeconds(15);
    /** More than there are session loops, so that each loop has one. */
    private static final int NEWCOMERS = 8;

    private static final AtomicInteger NAMES = new AtomicInteger();
    private static Optional<Prey> shared = Optional.empty();

    private final List<AutoCloseable> attackers = new ArrayList<>();
    private final List<Witness> witnesses = new ArrayList<>();
    private Held before = new Held(0, 0, 0);
    private int linesBefore;
    private boolean unharmed;
    private boolean isLast;
    private long mayKeep;

    /** A broker to attack, and who reads from it. */
    private record Prey(Standalone broker, Capture capture) {

        static Prey start() throws Exception {
            Path dir = Files.createTempDirectory("hostile");
            Standalone broker = Standalone.start(dir);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                broker.close();
                delete(dir);
            }));
            return new Prey(broker, new Capture(broker.drainPort()));
        }

        private static void delete(Path dir) {
            try (Stream<Path> files = Files.walk(dir)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            } catch (IOException e) {
                // What is left is in the system's folder for temporary files.
            }
        }

        void end() {
            capture.close();
            broker.close();
        }
    }

    static Standalone broker() {
        return shared.orElseThrow().broker();
    }

    /** A client id or a part of a topic that no other attack uses. */
    static String name() {
        return "evil-" + NAMES.incrementAndGet();
    }

    /** Closes an attacker when the attack is over. */
    <T extends AutoCloseable> T attacker(T attacker) {
        attackers.add(attacker);
        return attacker;
    }

    /** Says that the broker rightly keeps something of this attack, such as sessions; in bytes of its heap. */
    void mayKeep(long bytes) {
        mayKeep = bytes;
    }

    /** Says that the broker rightly keeps all that comes after this attack, so that the next one gets another broker. */
    void isTheBrokersLast() {
        isLast = true;
    }

    /** Says that the broker closes some connections within three seconds, by what is wrong with each. */
    static void assertClosed(Map<String, Peer> peers) throws IOException {
        SoftAssertions softly = new SoftAssertions();
        long deadline = System.nanoTime() + AT_ONCE.toNanos();
        for (Map.Entry<String, Peer> peer : peers.entrySet()) {
            Duration left = Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime()));
            softly.assertThat(peer.getValue().isClosedWithin(left))
                    .as(peer.getKey())
                    .isTrue();
        }
        softly.assertAll();
    }

    @BeforeEach
    void watch() throws Exception {
        if (shared.isEmpty()) {
            shared = Optional.of(Prey.start());
            // So that classes and caches of the first use are no growth of the first attack.
            serveNewcomers();
            warmUp();
        }
        before = broker().held();
        linesBefore = broker().log().size();
        witnesses.add(Witness.start(broker().port(), Mqtt.V3_1_1, "three-" + NAMES.incrementAndGet()));
        witnesses.add(Witness.start(broker().port(), Mqtt.V5, "five-" + NAMES.incrementAndGet()));
    }

    @AfterEach
    void nothingHasChanged() throws Exception {
        try {
            for (AutoCloseable attacker : attackers) {
                attacker.close();
            }
            for (Witness witness : witnesses) {
                witness.stop();
            }
            assertThat(broker().isAlive())
                    .as(() -> "the broker lives\n" + newLines())
                    .isTrue();
            for (Witness witness : witnesses) {
                assertThat(witness.failure()).as(witness.topic()).isEmpty();
                assertThat(witness.slowest())
                        .as("slowest PUBACK of %s, after %d others", witness.topic(), witness.acknowledged())
                        .isLessThan(PUBACK_LIMIT);
                assertCaptured(witness);
            }
            serveNewcomers();
            for (Witness witness : witnesses) {
                witness.close();
            }
            await().atMost(RECOVERY)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(300))
                    .untilAsserted(this::assertNothingKept);
            assertLogIsShort();
            unharmed = true;
        } finally {
            if (!unharmed || isLast) {
                witnesses.forEach(Witness::close);
                shared.ifPresent(Prey::end);
                shared = Optional.empty();
            }
        }
    }

    private static void assertCaptured(Witness witness) {
        List<String> published = IntStream.range(0, witness.acknowledged())
                .mapToObj(Integer::toString)
                .toList();
        await().atMost(RECOVERY)
                .pollDelay(Duration.ZERO)
                .untilAsserted(() -> assertThat(shared.orElseThrow().capture().payloads(witness.topic()))
                        .containsExactlyElementsOf(published));
    }

    /** Says that nothing was captured on a topic behind {@link Capture#WITNESSES}: to be asked when the attack is over. */
    static void assertNeverCaptured(String topic) {
        assertThat(shared.orElseThrow().capture().payloads(Capture.WITNESSES + topic))
                .isEmpty();
    }

    private void assertNothingKept() {
        Held now = broker().held();
        assertThat(now.heap()).as("heap").isLessThan(before.heap() + HEAP_TOLERANCE + mayKeep);
        assertThat(now.direct()).as("direct memory").isLessThan(before.direct() + DIRECT_TOLERANCE);
        assertThat(now.files()).as("open files and sockets").isLessThan(before.files() + FILES_TOLERANCE);
    }

    private void assertLogIsShort() {
        List<String> lines = newLines();
        // The audit log has a line for each client that comes and goes, and a separate bound.
        assertThat(lines).filteredOn(line -> !line.contains(AUDIT)).hasSizeLessThan(LOG_TOLERANCE);
        assertThat(lines).noneMatch(line -> line.contains(" ERROR ") || line.contains("LEAK:"));
        assertThat(lines).as("no stack traces").noneMatch(line -> line.startsWith("\tat "));
    }

    private List<String> newLines() {
        List<String> lines = broker().log();
        return lines.subList(Math.min(linesBefore, lines.size()), lines.size());
    }

    /** The first use of TLS and of WebSocket. */
    private static void warmUp() throws Exception {
        WebSocketPeer.connected(broker().port("ws"), "warm-up").close();
        for (int i = 0; i < 20; i++) {
            try (SSLSocket socket = TlsAttackTest.open(i % 2 == 0 ? "TLSv1.3" : "TLSv1.2")) {
                new Peer(socket).connect(Mqtt.V3_1_1.connect("warm-up"));
            }
        }
    }

    private static void serveNewcomers() throws IOException {
        for (int i = 0; i < NEWCOMERS; i++) {
            Mqtt version = i % 2 == 0 ? Mqtt.V3_1_1 : Mqtt.V5;
            String topic = "newcomer/" + NAMES.incrementAndGet();
            try (Peer peer = Peer.connected(broker().port(), version, topic.replace('/', '-'))) {
                peer.send(version.subscribe(1, 1, topic));
                assertThat(peer.next().type()).isEqualTo(Mqtt.SUBACK);
                peer.send(version.publish(topic, 1, 2, "x"));
                Peer.Received first = peer.next();
                Peer.Received second = peer.next();
                assertThat(List.of(first.type(), second.type())).containsExactlyInAnyOrder(Mqtt.PUBLISH, Mqtt.PUBACK);
                peer.send(Mqtt.puback(1), Mqtt.disconnect());
            }
        }
    }
}
