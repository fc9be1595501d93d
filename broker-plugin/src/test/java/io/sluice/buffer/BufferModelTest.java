package io.sluice.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.file.FaultyFolder;
import io.sluice.message.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;

/**
 * The log against a simple model, the numbers of the messages that were told to be safe and the packet ids that are in
 * use, under random appends, releases, ends of sessions, reads, acknowledgements, failed forces, crashes that keep any
 * part of what was not forced, and openings.
 */
class BufferModelTest {

    enum Kind {
        APPEND,
        APPEND_AND_WAIT,
        READ,
        ACKNOWLEDGE,
        RELEASE,
        END_SESSION,
        ATTACH,
        FAIL_FORCE,
        CLOSE,
        KILL,
        POWER_CUT
    }

    /** One thing that happens; {@code amount} says how much of it. */
    record Step(Kind kind, int amount) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(6, Kind.APPEND),
                Tuple.of(6, Kind.APPEND_AND_WAIT),
                Tuple.of(6, Kind.READ),
                Tuple.of(4, Kind.ACKNOWLEDGE),
                Tuple.of(4, Kind.RELEASE),
                Tuple.of(1, Kind.END_SESSION),
                Tuple.of(1, Kind.ATTACH),
                Tuple.of(1, Kind.FAIL_FORCE),
                Tuple.of(1, Kind.CLOSE),
                Tuple.of(1, Kind.KILL),
                Tuple.of(2, Kind.POWER_CUT));
        return Combinators.combine(kinds, Arbitraries.integers().between(0, 30))
                .as(Step::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(50);
    }

    @Property(tries = 150, shrinking = ShrinkingMode.BOUNDED)
    void what_is_safe_is_delivered_in_order_and_once_at_its_position(@ForAll("steps") List<Step> steps)
            throws Exception {
        Run run = new Run();
        for (Step step : steps) {
            run.apply(step);
        }
        run.finish();
    }

    /** A buffer under test, and the model beside it. */
    private static final class Run {
        private static final int CLIENTS = 5;
        private static final BufferConfig CONFIG =
                new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 600, Duration.ZERO, Duration.ofDays(7));

        private final NavigableSet<Integer> safe = new ConcurrentSkipListSet<>();
        private final NavigableSet<Integer> taken = new ConcurrentSkipListSet<>();
        private final NavigableSet<Integer> perhapsFreed = new ConcurrentSkipListSet<>();
        private final NavigableSet<Integer> freed = new ConcurrentSkipListSet<>();
        private final Map<Long, Integer> numberAt = new HashMap<>();
        private FaultyFolder storage = new FaultyFolder();
        private SharedBuffer buffer = SharedBuffer.open(CONFIG, storage);
        private BufferConsumer consumer = TestMessages.attach(buffer, TestMessages.spec("c"));
        private long acknowledged = -1;
        private long lastPosition = -1;
        private int lastNumber = -1;
        private int written;

        private void apply(Step step) throws Exception {
            switch (step.kind()) {
                case APPEND -> append(step.amount());
                case APPEND_AND_WAIT ->
                    CompletableFuture.allOf(append(step.amount()))
                            .orTimeout(20, TimeUnit.SECONDS)
                            .exceptionally(failure -> null)
                            .join();
                case READ -> check(consumer.read(step.amount() + 1, 1 << 20, Duration.ZERO));
                case ACKNOWLEDGE -> acknowledge(step.amount() % 5);
                case RELEASE -> release(step.amount());
                case END_SESSION -> endSession(step.amount() % CLIENTS);
                case ATTACH -> attach();
                case FAIL_FORCE -> failNextForce();
                case CLOSE -> {
                    buffer.close();
                    open(storage.safe(), true);
                }
                case KILL -> {
                    Map<String, byte[]> left = storage.cut();
                    buffer.close();
                    open(left, false);
                }
                case POWER_CUT -> {
                    Map<String, byte[]> left = storage.cut();
                    buffer.close();
                    open(tear(left, storage.safe(), step.amount()), false);
                }
            }
        }

        private CompletableFuture<?>[] append(int count) {
            CompletableFuture<?>[] known = new CompletableFuture<?>[count + 1];
            for (int i = 0; i <= count; i++) {
                int number = written++;
                CompletableFuture<Void> one = new CompletableFuture<>();
                known[i] = one;
                String text = number + " " + "x".repeat(number % 40);
                append(message(number, text), new AppendListener() {
                    @Override
                    public void safe() {
                        safe.add(number);
                        if (isQos2(number)) {
                            taken.add(number);
                        }
                        one.complete(null);
                    }

                    @Override
                    public void failed(BufferException cause) {
                        one.completeExceptionally(cause);
                    }
                });
            }
            return known;
        }

        /** A message whose packet id, if it takes one, is its number: none is used twice. */
        private static Message message(int number, String text) {
            return isQos2(number)
                    ? TestMessages.qos2(client(number), number, text)
                    : TestMessages.message(client(number), "t/" + number % 3, text);
        }

        private static boolean isQos2(int number) {
            return number % 4 == 1;
        }

        private static String client(int number) {
            return "client-" + number % CLIENTS;
        }

        /** Releases several ids that are known to be in use, and waits for it if their number is odd. */
        private void release(int amount) {
            NavigableSet<Integer> inUse = new TreeSet<>(taken);
            inUse.removeAll(perhapsFreed);
            CompletableFuture<?>[] known = inUse.stream()
                    .limit(amount)
                    .map(number -> {
                        CompletableFuture<Void> one = new CompletableFuture<>();
                        perhapsFreed.add(number);
                        buffer.release(client(number), List.of(number), new AppendListener() {
                            @Override
                            public void safe() {
                                freed.add(number);
                                one.complete(null);
                            }

                            @Override
                            public void failed(BufferException cause) {
                                one.completeExceptionally(cause);
                            }
                        });
                        return one;
                    })
                    .toArray(CompletableFuture<?>[]::new);
            if (amount % 2 == 1) {
                CompletableFuture.allOf(known)
                        .orTimeout(20, TimeUnit.SECONDS)
                        .exceptionally(failure -> null)
                        .join();
            }
        }

        private void endSession(int client) {
            for (int number = client; number < written; number += CLIENTS) {
                perhapsFreed.add(number);
            }
            buffer.endSession("client-" + client);
        }

        /** Of what may have been freed, either is right; it is settled from now on. */
        private void checkIdsInUse() {
            NavigableSet<Integer> found = new TreeSet<>();
            TestMessages.unreleased(buffer).forEach((client, ids) -> {
                assertThat(ids).allSatisfy(id -> assertThat(client(id)).isEqualTo(client));
                found.addAll(ids);
            });
            assertThat(found).allMatch(number -> !freed.contains(number));
            NavigableSet<Integer> certain = new TreeSet<>(taken);
            certain.removeAll(perhapsFreed);
            assertThat(found).containsAll(certain);
            assertThat(found).allMatch(number -> isQos2(number) && number < written);
            perhapsFreed.removeAll(found);
            taken.addAll(found);
            for (int number = 0; number < written; number++) {
                if (!found.contains(number)) {
                    perhapsFreed.add(number);
                    freed.add(number);
                }
            }
        }

        /** A force that fails while a segment is begun makes the buffer wait for its disk. */
        private void append(Message message, AppendListener listener) {
            while (buffer.append(List.of(message), listener).rest() == Admission.Rest.WAIT) {
                CompletableFuture<Void> room = new CompletableFuture<>();
                buffer.whenRoom(() -> room.complete(null));
                room.orTimeout(20, TimeUnit.SECONDS).join();
            }
        }

        private void check(ReadBatch batch) {
            for (StoredMessage stored : batch.messages()) {
                int number = Integer.parseInt(TestMessages.text(stored).split(" ", 2)[0]);
                assertThat(stored.position()).isGreaterThan(lastPosition);
                assertThat(number).isGreaterThan(lastNumber);
                assertThat(safe.subSet(lastNumber, false, number, false))
                        .as("passed over before " + number)
                        .isEmpty();
                assertThat(numberAt.putIfAbsent(stored.position(), number))
                        .as("at position " + stored.position() + " before " + number)
                        .isIn(null, number);
                lastPosition = stored.position();
                lastNumber = number;
            }
            assertThat(batch.frontier()).isGreaterThan(lastPosition);
        }

        private void acknowledge(int behind) {
            acknowledged = Math.max(acknowledged, lastPosition - behind);
            consumer.acknowledge(LanePositions.all(acknowledged));
        }

        private void attach() {
            consumer = TestMessages.attach(buffer, TestMessages.spec("c"));
            assertThat(consumer.acknowledged()).isEqualTo(LanePositions.all(acknowledged));
            lastPosition = acknowledged;
            lastNumber = numberAt.entrySet().stream()
                    .filter(entry -> entry.getKey() <= acknowledged)
                    .mapToInt(Map.Entry::getValue)
                    .max()
                    .orElse(-1);
        }

        private void failNextForce() {
            AtomicBoolean armed = new AtomicBoolean(true);
            storage.onForce(forcing -> {
                if (forcing.name().endsWith(".log") && armed.getAndSet(false)) {
                    throw new IOException("force failed");
                }
            });
        }

        private void open(Map<String, byte[]> disk, boolean clean) {
            storage = new FaultyFolder(disk);
            buffer = SharedBuffer.open(CONFIG, storage);
            checkIdsInUse();
            long persisted =
                    buffer.attach(TestMessages.spec("c")).acknowledged().at(0);
            if (clean) {
                assertThat(persisted).isEqualTo(acknowledged);
            } else {
                assertThat(persisted).isLessThanOrEqualTo(acknowledged);
            }
            acknowledged = persisted;
            attach();
        }

        /** What a power cut leaves: of what was not forced, a part, perhaps with a hole. */
        private static Map<String, byte[]> tear(Map<String, byte[]> all, Map<String, byte[]> safe, int amount) {
            all.replaceAll((name, bytes) -> {
                int safeBytes = safe.getOrDefault(name, new byte[0]).length;
                int unsafe = bytes.length - safeBytes;
                if (unsafe <= 0) {
                    return bytes;
                }
                byte[] torn = Arrays.copyOf(bytes, safeBytes + unsafe * (amount % 11) / 10);
                int hole = safeBytes + unsafe * (amount % 7) / 7;
                if (amount % 3 == 0 && hole < torn.length) {
                    Arrays.fill(torn, hole, Math.min(torn.length, hole + 64), (byte) 0);
                }
                return torn;
            });
            return all;
        }

        private void finish() throws Exception {
            apply(new Step(Kind.CLOSE, 0));
            check(consumer.read(Integer.MAX_VALUE, Integer.MAX_VALUE, Duration.ZERO));
            assertThat(safe.tailSet(lastNumber, false))
                    .as("safe, and not delivered")
                    .isEmpty();
            buffer.close();
        }
    }
}
