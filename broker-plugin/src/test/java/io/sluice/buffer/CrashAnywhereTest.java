package io.sluice.buffer;

import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.read;
import static io.sluice.buffer.TestMessages.readNow;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.log.LogFiles;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.file.FaultyFolder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A crash after any single step that the buffer takes on its disk: files made, written, forced, renamed, deleted. */
@Timeout(120)
class CrashAnywhereTest {

    private static final BufferConfig CONFIG =
            new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 1024, Duration.ZERO, Duration.ofDays(7));
    private static final int COUNT = 200;

    /** What a crash at one moment leaves, and what had been promised by then. */
    private record Moment(Map<String, byte[]> disk, int told, long acknowledged) {}

    private final AtomicInteger told = new AtomicInteger();
    private final AtomicLong acknowledged = new AtomicLong(-1);
    private final List<Moment> moments = new ArrayList<>();

    private void run(FaultyFolder storage) throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(CONFIG, storage);
                Attachment consumer = attach(buffer, spec("c"))) {
            storage.afterEachStep(() -> {
                moments.add(new Moment(storage.current(), told.get(), acknowledged.get()));
                moments.add(new Moment(storage.safe(), told.get(), acknowledged.get()));
            });
            for (int i = 0; i < COUNT; i++) {
                TestMessages.append(buffer, message("m" + i)).awaitSafe();
                told.incrementAndGet();
                if (i % 50 == 49) {
                    read(consumer, 50);
                    acknowledged.set(i - 10);
                    consumer.acknowledge(LanePositions.all(i - 10));
                    long before = buffer.stats().start();
                    await().until(() -> buffer.stats().start() > before);
                }
            }
        }
    }

    @Test
    void leaves_everything_that_was_promised_and_no_gap() throws Exception {
        run(new FaultyFolder());
        assertThat(moments).hasSizeGreaterThan(500);
        for (int i = 0; i < moments.size(); i++) {
            Moment moment = moments.get(i);
            try (SharedBuffer buffer = SharedBuffer.open(CONFIG, new FaultyFolder(moment.disk()));
                    Attachment consumer = attach(buffer, spec("c"))) {
                long from = consumer.acknowledged().at(0);
                assertThat(from).as("moment %d", i).isLessThanOrEqualTo(moment.acknowledged());
                ReadBatch batch = readNow(consumer);
                assertThat(batch.gaps()).as("moment %d", i).isEmpty();
                long next = from + 1;
                for (StoredMessage stored : batch.messages()) {
                    assertThat(stored.position()).as("moment %d", i).isEqualTo(next++);
                    assertThat(TestMessages.text(stored)).isEqualTo("m" + stored.position());
                }
                assertThat(next).as("moment %d", i).isGreaterThanOrEqualTo(moment.told());
            }
        }
    }

    @Test
    void nothing_is_shown_or_told_before_it_is_forced() throws Exception {
        FaultyFolder storage = new FaultyFolder();
        List<Long> ends = new ArrayList<>();
        AtomicInteger toldSoFar = new AtomicInteger();
        List<Integer> toldBefore = new ArrayList<>();
        try (SharedBuffer buffer = SharedBuffer.open(CONFIG, storage);
                Attachment consumer = attach(buffer, spec("c"))) {
            storage.onForce(forcing -> {
                if (forcing.name().equals(LogFiles.segment(0))) {
                    ends.add(consumer.end());
                    toldBefore.add(toldSoFar.get());
                }
            });
            for (int i = 0; i < 5; i++) {
                CompletableFuture<Void> safe = new CompletableFuture<>();
                buffer.append(List.of(message("m" + i)), new AppendListener() {
                    @Override
                    public void safe() {
                        toldSoFar.incrementAndGet();
                        safe.complete(null);
                    }

                    @Override
                    public void failed(BufferException cause) {
                        safe.completeExceptionally(cause);
                    }
                });
                safe.orTimeout(20, TimeUnit.SECONDS).join();
            }
        }
        assertThat(ends).containsExactly(0L, 1L, 2L, 3L, 4L);
        assertThat(toldBefore).containsExactly(0, 1, 2, 3, 4);
    }
}
