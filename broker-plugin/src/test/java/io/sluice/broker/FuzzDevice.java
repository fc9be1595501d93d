package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.broker.raw.Peer.Received;
import io.sluice.broker.raw.WebSocketPeer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;

/**
 * A device whose whole life is drawn from a seed: connections one after the other, or one over the other, with valid
 * packets in odd orders. It keeps what MQTT tells a client to keep, and {@link Published what must be in the buffer}
 * of all that it publishes: numbers that count up.
 */
final class FuzzDevice implements Callable<FuzzDevice> {

    private static final int STEPS = 80;
    private static final int MOST_IDS = 60;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Whether a message has to be in the buffer. */
    enum Fate {
        MUST,
        MAY,
        MUST_NOT
    }

    /** What it does, and how often of a hundred times. */
    private enum Deed {
        PUBLISH(40),
        READ(15),
        AWAIT_ANSWERS(8),
        RELEASE(5),
        SEND_AGAIN(4),
        RELEASE_NOTHING(3),
        SUBSCRIBE(5),
        DISCONNECT(6),
        FINISH(5),
        RESET(2),
        TAKE_OVER(3),
        BREAK_A_RULE(4);

        private final int weight;

        Deed(int weight) {
            this.weight = weight;
        }

        private static Deed any(Random random) {
            int drawn = random.nextInt(100);
            for (Deed deed : values()) {
                drawn -= deed.weight;
                if (drawn < 0) {
                    return deed;
                }
            }
            throw new AssertionError("the weights are not a hundred");
        }
    }

    /** A message, and what has become of it so far. */
    static final class Published {
        final String payload;
        final int qos;
        private final int packetId;
        private boolean received;
        Fate fate = Fate.MAY;

        private Published(String payload, int qos, int packetId) {
            this.payload = payload;
            this.qos = qos;
            this.packetId = packetId;
        }
    }

    /** A will, and the first number that was published by the connection after its own. */
    static final class LastWords {
        final String payload;
        Fate fate = Fate.MAY;
        int nextNumber = Integer.MAX_VALUE;

        private LastWords(String payload) {
            this.payload = payload;
        }
    }

    private final long seed;
    private final int tcpPort;
    private final int webSocketPort;
    private final String id;

    private final List<Published> published = new ArrayList<>();
    private final List<LastWords> wills = new ArrayList<>();
    /** What is not yet acknowledged, by packet id in the order of publishing. */
    private final Map<Integer, Published> pending = new LinkedHashMap<>();
    /** Received, and not yet released. */
    private final List<Integer> held = new ArrayList<>();

    private final List<Deed> deeds = new ArrayList<>();
    private Mqtt version = Mqtt.V3_1_1;
    private Optional<Peer> peer = Optional.empty();
    private Optional<LastWords> will = Optional.empty();
    private boolean lasting;
    private int beginOfConnection;
    private int lastId;
    private int step;

    FuzzDevice(long seed, int tcpPort, int webSocketPort, String id) {
        this.seed = seed;
        this.tcpPort = tcpPort;
        this.webSocketPort = webSocketPort;
        this.id = id;
    }

    String topic() {
        return "fuzz/" + id;
    }

    List<Published> published() {
        return published;
    }

    List<LastWords> wills() {
        return wills;
    }

    @Override
    public FuzzDevice call() throws IOException {
        try {
            while (step < STEPS) {
                // Drawn for each step anew, so that what the broker did when does not change what comes later.
                // SplittableRandom, because the first numbers of Random are alike where its seeds are.
                live(new Random(new SplittableRandom(seed * STEPS + step).nextLong()));
                step++;
            }
            if (peer.isEmpty()) {
                open(new Random(seed), false);
            }
            awaitAnswers(new Random(seed));
            end(new Bytes().raw(Mqtt.disconnect()), new Random(seed), false);
            return this;
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError(id + " (" + version + ") in step " + step + " after " + deeds, e);
        } finally {
            peer.ifPresent(Peer::close);
        }
    }

    private void live(Random random) throws IOException {
        if (peer.isEmpty()) {
            open(random, random.nextInt(4) == 0);
            return;
        }
        Deed deed = Deed.any(random);
        deeds.add(deed);
        switch (deed) {
            case PUBLISH -> {
                Bytes burst = new Bytes();
                burst(burst, random, Fate.MAY);
                send(burst.array());
            }
            case READ -> readFor(Duration.ofMillis(random.nextInt(30)), random);
            case AWAIT_ANSWERS -> awaitAnswers(random);
            case RELEASE -> release(random);
            case SEND_AGAIN -> sendAgain(random);
            case RELEASE_NOTHING -> send(Mqtt.pubrel(MOST_IDS + 1 + random.nextInt(1_000)));
            case SUBSCRIBE -> subscribe(random);
            case DISCONNECT -> {
                Bytes last = new Bytes();
                burst(last, random, Fate.MUST);
                last.raw(Mqtt.disconnect());
                if (random.nextBoolean()) {
                    burst(last, random, Fate.MUST_NOT);
                }
                end(last, random, false);
            }
            case FINISH -> {
                Bytes last = new Bytes();
                burst(last, random, Fate.MUST);
                end(last, random, true);
            }
            case RESET -> reset();
            case TAKE_OVER -> takeOver(random);
            case BREAK_A_RULE -> {
                Bytes last = new Bytes();
                burst(last, random, Fate.MUST);
                last.raw(closing(random));
                burst(last, random, Fate.MUST_NOT);
                end(last, random, true);
            }
        }
    }

    private void subscribe(Random random) throws IOException {
        int packetId = 60_000 + random.nextInt(5_000);
        String filter = random.nextBoolean() ? topic() : "fuzz/#";
        switch (random.nextInt(3)) {
            case 0 -> send(Mqtt.pingreq());
            case 1 -> send(version.unsubscribe(packetId, filter));
            default -> send(version.subscribe(packetId, random.nextInt(3), filter));
        }
    }

    // --- Connections

    private void open(Random random, boolean clean) throws IOException {
        boolean goesOn = lasting && !clean;
        if (!goesOn) {
            version = Mqtt.any(random);
            // Whether they are repeats the broker cannot tell any more.
            pending.values().stream()
                    .filter(one -> one.qos == 2 && !one.received && one.fate == Fate.MUST)
                    .forEach(one -> one.fate = Fate.MAY);
            pending.clear();
        }
        held.clear();
        beginOfConnection = published.size();
        Peer opened = random.nextInt(3) == 0 ? WebSocketPeer.open(webSocketPort).cutting(random) : Peer.at(tcpPort);
        peer = Optional.of(opened);
        opened.send(connect(random, clean));
        Received connack = opened.next(PATIENCE).orElseThrow(() -> new IOException("no CONNACK"));
        assertThat(connack.type()).as("CONNACK").isEqualTo(Mqtt.CONNACK);
        assertThat(connack.body()[1]).as("code of CONNACK").isZero();
        if (version != Mqtt.V3_1) {
            assertThat(connack.body()[0] == 1).as("session present").isEqualTo(goesOn);
        }
        lasting = !clean;
        for (Published one : pending.values()) {
            send(one.received ? Mqtt.pubrel(one.packetId) : publish(one, true));
        }
    }

    private byte[] connect(Random random, boolean clean) {
        will = random.nextInt(4) == 0 ? Optional.of(new LastWords("will " + wills.size())) : Optional.empty();
        will.ifPresent(wills::add);
        int flags = (clean ? Mqtt.CLEAN : 0) | (will.isPresent() ? 0x0C : 0);
        Bytes connect = version.connectHead(flags, 60);
        if (version == Mqtt.V5) {
            connect.properties(clean ? new Bytes() : Bytes.of(0x11).u32(3_600));
        }
        connect.text(id);
        will.ifPresent(words -> {
            if (version == Mqtt.V5) {
                connect.properties(new Bytes());
            }
            connect.text(topic()).text(words.payload);
        });
        return connect.packet(0x10);
    }

    /** Sends the last packets of a connection, and reads until the broker has closed it. */
    private void end(Bytes last, Random random, boolean leavesWill) throws IOException {
        Peer ending = peer.orElseThrow();
        for (Published one : published.subList(beginOfConnection, published.size())) {
            if (one.fate == Fate.MAY) {
                one.fate = Fate.MUST;
            }
        }
        will.ifPresent(words -> words.fate = leavesWill ? Fate.MUST : Fate.MUST_NOT);
        if (ending.trySend(last.array())) {
            ending.finish();
        }
        readToTheEnd(ending, random);
        gone();
    }

    private void gone() {
        will.ifPresent(words -> words.nextNumber = published.size());
        peer.ifPresent(Peer::close);
        peer = Optional.empty();
    }

    private void reset() throws IOException {
        will.ifPresent(words -> words.fate = Fate.MUST);
        peer.orElseThrow().reset();
        gone();
    }

    private void takeOver(Random random) throws IOException {
        Peer old = peer.orElseThrow();
        Optional<LastWords> itsWill = will;
        itsWill.ifPresent(words -> {
            words.fate = Fate.MUST;
            words.nextNumber = published.size();
        });
        boolean clean = random.nextInt(4) == 0;
        boolean goesOn = lasting && !clean;
        if (goesOn) {
            // Sent again below, when what the old connection still brings is known.
            Map<Integer, Published> kept = new LinkedHashMap<>(pending);
            pending.clear();
            open(random, false);
            pending.putAll(kept);
            Peer opened = peer.orElseThrow();
            readToTheEnd(old, random);
            peer = Optional.of(opened);
            for (Published one : pending.values()) {
                send(one.received ? Mqtt.pubrel(one.packetId) : publish(one, true));
            }
        } else {
            open(random, clean);
        }
        held.clear();
        old.close();
    }

    private void readToTheEnd(Peer ending, Random random) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (System.nanoTime() < deadline) {
                Optional<Received> next = ending.next(Duration.ofSeconds(1));
                if (next.isPresent()) {
                    take(next.get(), random, answer -> {});
                }
            }
        } catch (IOException e) {
            return;
        }
        throw new AssertionError("the broker does not close the connection");
    }

    /** A packet at which the broker has to close. */
    private byte[] closing(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> version.connect(id);
            case 1 -> version.publish("fuzz/+", 1, 1, "x");
            case 2 -> version.publish("fuzz/x", 0x06, 1, new Bytes(), new byte[1]);
            default -> Bytes.of(0, 0).array();
        };
    }

    // --- Publishing

    private void burst(Bytes into, Random random, Fate fate) {
        for (int count = 1 + random.nextInt(8); count > 0; count--) {
            int qos = random.nextInt(3);
            if (fate == Fate.MUST_NOT) {
                Published one = new Published(Integer.toString(published.size()), qos, 1_000 + count);
                one.fate = fate;
                published.add(one);
                into.raw(publish(one, false));
                continue;
            }
            if (qos > 0 && pending.size() == MOST_IDS) {
                return;
            }
            Published one = new Published(Integer.toString(published.size()), qos, qos == 0 ? 0 : freeId());
            one.fate = fate;
            published.add(one);
            if (qos > 0) {
                pending.put(one.packetId, one);
            }
            into.raw(publish(one, false));
        }
    }

    private int freeId() {
        do {
            lastId = lastId % MOST_IDS + 1;
        } while (pending.containsKey(lastId));
        return lastId;
    }

    private byte[] publish(Published one, boolean again) {
        return version.publish(
                topic(),
                (one.qos << 1) | (again ? 0x08 : 0),
                one.packetId,
                new Bytes(),
                one.payload.getBytes(StandardCharsets.US_ASCII));
    }

    /** A client of MQTT 3 may send again whenever it likes. */
    private void sendAgain(Random random) throws IOException {
        List<Published> all = List.copyOf(pending.values());
        if (version != Mqtt.V5 && !all.isEmpty()) {
            Published one = all.get(random.nextInt(all.size()));
            if (!one.received) {
                send(publish(one, true));
            }
        }
    }

    /** Releases what it has held, in an order that is not theirs. */
    private void release(Random random) throws IOException {
        Collections.shuffle(held, random);
        for (int packetId : held) {
            send(Mqtt.pubrel(packetId));
        }
        held.clear();
    }

    private void send(byte[] bytes) throws IOException {
        peer.orElseThrow().send(bytes);
    }

    // --- Answers

    private void readFor(Duration time, Random random) throws IOException {
        long deadline = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < deadline) {
            Optional<Received> next = peer.orElseThrow().next(Duration.ofMillis(5));
            if (next.isPresent()) {
                take(next.get(), random, this::send);
            }
        }
    }

    private void awaitAnswers(Random random) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        release(random);
        while (!pending.isEmpty() && System.nanoTime() < deadline) {
            Optional<Received> next = peer.orElseThrow().next(Duration.ofSeconds(1));
            if (next.isPresent()) {
                take(next.get(), random, this::send);
            }
            release(random);
        }
        assertThat(pending.values()).as("packets that are not answered").isEmpty();
    }

    private interface Answering {
        void answer(byte[] bytes) throws IOException;
    }

    private void take(Received packet, Random random, Answering answering) throws IOException {
        switch (packet.type()) {
            case Mqtt.PUBLISH -> deliver(packet, answering);
            case Mqtt.PUBACK -> acknowledged(packet);
            case Mqtt.PUBREC -> {
                Published one = pending.get(packet.packetId());
                if (one != null) {
                    assertAccepted(packet);
                    one.received = true;
                    one.fate = Fate.MUST;
                    if (random.nextBoolean()) {
                        held.add(packet.packetId());
                    } else {
                        answering.answer(Mqtt.pubrel(packet.packetId()));
                    }
                }
            }
            case Mqtt.PUBCOMP -> {
                held.remove((Integer) packet.packetId());
                Published one = pending.get(packet.packetId());
                if (one != null && one.received) {
                    pending.remove(packet.packetId());
                }
            }
            case Mqtt.PUBREL -> answering.answer(Mqtt.pubcomp(packet.packetId()));
            case Mqtt.DISCONNECTED -> {
                // Why it is closed; that it is comes next.
            }
            default -> assertThat(packet.type()).isIn(Mqtt.SUBACK, Mqtt.UNSUBACK, Mqtt.PINGRESP);
        }
    }

    private void acknowledged(Received puback) {
        Published one = pending.get(puback.packetId());
        if (one != null && one.qos == 1) {
            assertAccepted(puback);
            one.fate = Fate.MUST;
            pending.remove(puback.packetId());
        }
    }

    private static void assertAccepted(Received answer) {
        assertThat(answer.body().length > 2 ? answer.body()[2] & 0xFF : 0)
                .as("reason of %d", answer.packetId())
                .isLessThan(0x80);
    }

    private static void deliver(Received publish, Answering answering) throws IOException {
        int qos = (publish.firstByte() >> 1) & 3;
        if (qos > 0) {
            int at = 2 + publish.packetId();
            int packetId = publish.u16(at);
            answering.answer(qos == 1 ? Mqtt.puback(packetId) : Mqtt.pubrec(packetId));
        }
    }
}
