package io.sluice.buffer;

import static io.sluice.buffer.TestMessages.append;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.numbered;
import static io.sluice.buffer.TestMessages.read;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.file.FaultyFolder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A moment without memory, or a mistake in what the buffer calls, costs no more than what it was about. */
@Timeout(60)
class FailingThreadTest {

    private static final BufferConfig CONFIG =
            new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 4096, Duration.ZERO, Duration.ofDays(7));

    private final FaultyFolder storage = new FaultyFolder();

    @Test
    void segments_are_dropped_also_after_a_moment_without_memory_in_which_the_log_throws_too() throws Exception {
        AtomicInteger unsaid = new AtomicInteger();
        AbstractAppender withoutMemory = new AbstractAppender("none", null, null, false, Property.EMPTY_ARRAY) {
            @Override
            public void append(LogEvent event) {
                unsaid.incrementAndGet();
                throw new OutOfMemoryError("in this test");
            }
        };
        withoutMemory.start();
        Logger log = (Logger) LogManager.getLogger(Housekeeper.class);
        log.addAppender(withoutMemory);
        try {
            segments_are_dropped_also_after_a_moment_without_memory();
        } finally {
            log.removeAppender(withoutMemory);
        }
        assertThat(unsaid).hasPositiveValue();
    }

    @Test
    void segments_are_dropped_also_after_a_moment_without_memory() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(CONFIG, storage);
                Attachment consumer = attach(buffer, spec("c"))) {
            AtomicInteger failed = new AtomicInteger();
            storage.onForce(forcing -> {
                if (forcing.name().startsWith("checkpoint") && failed.getAndIncrement() == 0) {
                    throw new OutOfMemoryError("in this test");
                }
            });
            consumer.acknowledge(LanePositions.all(-1));
            await().until(() -> failed.get() > 0);
            TestMessages.appendAll(buffer, numbered(500));
            read(consumer, 500);
            consumer.acknowledge(LanePositions.all(499));
            await().until(() -> buffer.stats().segments() == 1);
        }
    }

    @Test
    void a_writer_that_has_ended_by_an_error_says_so() {
        try (SharedBuffer buffer = SharedBuffer.open(CONFIG, storage)) {
            buffer.attach(spec("c"));
            append(buffer, message("m")).awaitSafe();
            assertThat(buffer.stats().stopped()).isFalse();
            storage.onForce(forcing -> {
                if (forcing.name().endsWith(".log")) {
                    throw new OutOfMemoryError("in this test");
                }
            });
            assertThatThrownBy(() -> append(buffer, message("last")).awaitSafe())
                    .hasCauseInstanceOf(BufferException.class)
                    .hasMessageContaining("has stopped");
            assertThat(buffer.stats().stopped()).isTrue();
            assertThat(buffer.append(List.of(message("later")), AppendListener.NONE)
                            .rest())
                    .isEqualTo(Admission.Rest.REJECT);
        }
    }

    @Test
    void a_listener_that_fails_leaves_the_buffer_alone() {
        try (SharedBuffer buffer = SharedBuffer.open(CONFIG, storage)) {
            buffer.attach(spec("c"));
            AtomicBoolean heard = new AtomicBoolean();
            buffer.append(List.of(message("m")), new AppendListener() {
                @Override
                public void safe() {
                    heard.set(true);
                    throw new StackOverflowError("in this test");
                }

                @Override
                public void failed(BufferException cause) {}
            });
            await().untilTrue(heard);
            append(buffer, message("next")).awaitSafe();
        }
    }

    @Test
    void a_reader_that_fails_when_it_is_told_leaves_the_buffer_alone() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(CONFIG, storage);
                Attachment failing = buffer.attach(spec("failing"));
                Attachment consumer = attach(buffer, spec("c"))) {
            AtomicInteger told = new AtomicInteger();
            failing.onReadable(() -> {
                told.incrementAndGet();
                throw new IllegalStateException("in this test");
            });
            append(buffer, message("m")).awaitSafe();
            append(buffer, message("next")).awaitSafe();
            assertThat(told).hasValueGreaterThan(0);
            assertThat(read(consumer, 2)).extracting(TestMessages::text).containsExactly("m", "next");
            failing.onReadable(() -> {});
        }
    }
}
