package io.sluice.broker.door.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class PacketQueueTest {

    @Test
    void channels_of_epoll_take_its_way_of_reading() {
        EmbeddedChannel channel = new EmbeddedChannel();
        PacketQueue packets = new PacketQueue(channel, new QueuedBytes(new QueueLimits(16 << 20, 1 << 20)));

        RecvByteBufAllocator allocator = channel.config().getRecvByteBufAllocator();
        assertThat(allocator.newHandle()).isInstanceOf(RecvByteBufAllocator.ExtendedHandle.class);
        assertThat(packets.isEmpty()).isTrue();
    }
}
