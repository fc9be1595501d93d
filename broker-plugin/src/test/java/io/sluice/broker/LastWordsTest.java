package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LastWordsTest {

    @Test
    void what_is_left_of_a_connection_is_kept_even_if_its_broker_is_being_closed() throws Exception {
        EventExecutor ended = new DefaultEventExecutor();
        ended.shutdownGracefully(0, 0, java.util.concurrent.TimeUnit.SECONDS).sync();
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            new LastWords(broker.broker().buffer(), ended).append(List.of(message()));

            assertThat(reader.read(1)).hasSize(1);
        }
    }

    private static Message message() {
        return new Message(
                MessageKind.PUBLISH,
                "c",
                Optional.empty(),
                "t",
                Qos.AT_MOST_ONCE,
                false,
                false,
                0,
                0,
                PublishProperties.NONE,
                ByteBuffer.allocate(1));
    }
}
