package io.sluice.broker.door.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.Lanes;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import io.sluice.message.TopicFilter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeferredAppendsTest {

    private final SharedBuffer buffer = SharedBuffer.open(
            new BufferConfig(Optional.empty(), 4 << 20, Overflow.BLOCK, 1 << 20, Duration.ZERO, Duration.ofDays(1)));
    private final Attachment reader =
            buffer.attach(new AttachRequest("reader", List.of(TopicFilter.of("#")), AckMode.BUFFERED, Lanes.ALL));
    private final AtomicInteger said = new AtomicInteger();

    @AfterEach
    void close() {
        reader.close();
        buffer.close();
    }

    @Test
    void they_are_in_the_buffer_also_when_the_event_loop_has_ended() throws Exception {
        EventExecutor ended = new DefaultEventExecutor();
        ended.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        DeferredAppends words = new DeferredAppends(buffer, ended, said::incrementAndGet);
        reader.seek(reader.acknowledged());

        words.append(List.of(message()));

        assertThat(reader.read(10, 1 << 20, Duration.ofSeconds(5)).messages()).hasSize(1);
    }

    @Test
    void all_is_said_when_nothing_will_come_any_more() {
        EventExecutor executor = new DefaultEventExecutor();
        try {
            DeferredAppends words = new DeferredAppends(buffer, executor, said::incrementAndGet);
            words.append(List.of(message()));
            assertThat(said).hasValue(0);
            words.end();
            assertThat(said).hasValue(1);
        } finally {
            executor.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
    }

    @Test
    void all_is_said_also_when_the_buffer_cannot_take_a_message() throws Exception {
        EventExecutor executor = new DefaultEventExecutor();
        try {
            DeferredAppends words = new DeferredAppends(buffer, executor, said::incrementAndGet);
            reader.seek(reader.acknowledged());
            words.append(List.of(message("t".repeat(70_000))));
            words.append(List.of(message()));
            words.end();
            assertThat(said).hasValue(1);
            assertThat(reader.read(10, 1 << 20, Duration.ofSeconds(5)).messages())
                    .hasSize(1);
        } finally {
            executor.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
    }

    private static Message message() {
        return message("t");
    }

    private static Message message(String topic) {
        return new Message(
                MessageKind.PUBLISH,
                "c",
                Optional.empty(),
                Optional.empty(),
                topic,
                Qos.AT_MOST_ONCE,
                false,
                false,
                0,
                0,
                PublishProperties.NONE,
                ByteBuffer.allocate(1));
    }
}
