package io.sluice.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.file.FaultyFolder;
import io.sluice.message.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A buffer under test, and a simple model beside it: the numbers of the messages that were told to be safe, the packet ids
 * that are in use, and the births of Sparkplug B that were read.
 */
final class BufferModel {

    private static final int CLIENTS = 5;
    private static final BufferConfig CONFIG =
            new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 600, Duration.ZERO, Duration.ofDays(7));

    private final NavigableSet<Integer> safe = new ConcurrentSkipListSet<>();
    private final NavigableSet<Integer> taken = new ConcurrentSkipListSet<>();
    private final NavigableSet<Integer> perhapsFreed = new ConcurrentSkipListSet<>();
    private final NavigableSet<Integer> freed = new ConcurrentSkipListSet<>();
    private final Map<Long, Integer> numberAt = new HashMap<>();
    private final Random random;
    private FaultyFolder storage = new FaultyFolder();
    private SharedBuffer buffer = SharedBuffer.open(CONFIG, storage);
    private Attachment consumer = TestMessages.attach(buffer, TestMessages.spec("c"));

    /** What a power cut has left that came by itself; not complete while there was none. */
    private CompletableFuture<FaultyFolder> left = new CompletableFuture<>();

    private long acknowledged = -1;
    private long lastPosition = -1;
    private int lastNumber = -1;
    private int written;

    /** What can happen. */
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

    /** @param random decides what a power cut leaves */
    BufferModel(Random random) {
        this.random = random;
    }

    void apply(Step step) throws Exception {
        switch (step.kind()) {
            case APPEND -> append(step.amount());
            case APPEND_AND_WAIT -> await(CompletableFuture.allOf(append(step.amount())));
            case READ -> check(consumer.read(step.amount() + 1, 1 << 20, Duration.ZERO));
            case ACKNOWLEDGE -> acknowledge(step.amount() % 5);
            case RELEASE -> release(step.amount());
            case END_SESSION -> endSession(step.amount() % CLIENTS);
            case ATTACH -> attach();
            case FAIL_FORCE -> failNextForce();
            case CLOSE -> {
                buffer.close();
                openNext(new FaultyFolder(storage.safe()), true);
            }
            case KILL -> {
                FaultyFolder next = storage.afterKill();
                buffer.close();
                openNext(next, false);
            }
            case POWER_CUT -> {
                FaultyFolder next = storage.afterPowerCut(random);
                buffer.close();
                openNext(next, false);
            }
        }
        if (left.isDone()) {
            buffer.close();
            openNext(storage, false);
        }
    }

    /** Opens a folder, or what a power cut has left that came by itself before. */
    private void openNext(FaultyFolder folder, boolean clean) {
        if (!left.isDone()) {
            open(folder, clean);
            return;
        }
        FaultyFolder next = left.join();
        left = new CompletableFuture<>();
        open(next, false);
    }

    /** The power goes when so many more things were done to the disk, whatever the buffer is doing then. */
    void cutPowerAfter(int diskSteps) {
        cutPowerAfter(storage, diskSteps);
    }

    private void cutPowerAfter(FaultyFolder folder, int diskSteps) {
        AtomicInteger toGo = new AtomicInteger(diskSteps);
        CompletableFuture<FaultyFolder> cut = left;
        folder.afterEachStep(() -> {
            if (toGo.decrementAndGet() == 0) {
                cut.complete(folder.afterPowerCut(random));
            }
        });
    }

    private void await(CompletableFuture<?> known) {
        CompletableFuture.anyOf(known, left)
                .orTimeout(20, TimeUnit.SECONDS)
                .exceptionally(failure -> null)
                .join();
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
                : TestMessages.message(client(number), isBirth(number) ? birth(number) : "t/" + number % 3, text);
    }

    private static boolean isBirth(int number) {
        return number % 8 == 3;
    }

    /** Of one of three edge nodes. */
    private static String birth(int number) {
        return "spBv1.0/g/NBIRTH/" + number % 3;
    }

    /** What a reader of a position needs is there, in whatever was read before and is not in the log any more. */
    private void checkBirths(long position) {
        for (int node = 0; node < 3; node++) {
            String topic = birth(node);
            Optional<Long> last = numberAt.entrySet().stream()
                    .filter(entry -> entry.getKey() < position
                            && isBirth(entry.getValue())
                            && birth(entry.getValue()).equals(topic))
                    .map(Map.Entry::getKey)
                    .max(Long::compare);
            Optional<Long> found = consumer.birth(topic, position).map(StoredMessage::position);
            int read = numberAt.get(position);
            boolean needed = !isBirth(read) || !birth(read).equals(topic); // a birth has all names itself
            if (needed && !left.isDone()) { // a disk that is gone cannot be asked
                assertThat(found).as("birth before " + position).isEqualTo(last);
            }
        }
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
            await(CompletableFuture.allOf(known));
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
        while (!left.isDone() && buffer.append(List.of(message), listener).rest() == Admission.Rest.WAIT) {
            CompletableFuture<Void> space = new CompletableFuture<>();
            buffer.whenFree(() -> space.complete(null));
            await(space);
        }
    }

    private void check(ReadBatch batch) {
        assertThat(batch.gaps()).as("reported as lost").isEmpty();
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
        if (!batch.messages().isEmpty()) {
            checkBirths(lastPosition);
        }
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

    private void open(FaultyFolder folder, boolean clean) {
        storage = folder;
        if (random.nextInt(4) == 0) {
            cutPowerAfter(folder, 1 + random.nextInt(12));
        }
        try {
            buffer = SharedBuffer.open(CONFIG, folder);
        } catch (BufferException e) {
            if (!left.isDone()) {
                throw e;
            }
            openNext(folder, false);
            return;
        }
        checkIdsInUse();
        long persisted = buffer.attach(TestMessages.spec("c")).acknowledged().at(0);
        if (clean) {
            assertThat(persisted).isEqualTo(acknowledged);
        } else {
            assertThat(persisted).isLessThanOrEqualTo(acknowledged);
        }
        acknowledged = persisted;
        attach();
    }

    /** Closes the buffer, opens it once more, and checks that everything that is safe is delivered. */
    void finish() throws Exception {
        storage.afterEachStep(() -> {});
        apply(new Step(left.isDone() ? Kind.READ : Kind.CLOSE, 0));
        storage.afterEachStep(() -> {});
        while (left.isDone()) {
            apply(new Step(Kind.READ, 0));
            storage.afterEachStep(() -> {});
        }
        check(consumer.read(Integer.MAX_VALUE, Integer.MAX_VALUE, Duration.ZERO));
        assertThat(safe.tailSet(lastNumber, false))
                .as("safe, and not delivered")
                .isEmpty();
        buffer.close();
    }
}
