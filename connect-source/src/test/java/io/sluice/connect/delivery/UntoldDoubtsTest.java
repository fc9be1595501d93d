package io.sluice.connect.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.Doubt;
import io.sluice.buffer.record.Lanes;
import io.sluice.message.TopicFilter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UntoldDoubtsTest {

    private static final Doubt DOUBT = new Doubt(7, 6, 0, 1, Lanes.NONE);

    @Test
    void of_many_connectors_that_never_come_back_the_latest_are_kept() {
        try (SharedBuffer buffer = SharedBuffer.open(new BufferConfig(
                        Optional.empty(), 1 << 20, Overflow.BLOCK, 4096, Duration.ZERO, Duration.ofDays(7)));
                Attachment attached = buffer.attach(
                        new AttachRequest("connector", List.of(TopicFilter.of("#")), AckMode.BUFFERED, Lanes.ALL))) {
            String last = "";
            for (int i = 0; i < UntoldDoubts.MOST_KEPT + 500; i++) {
                last = "never-" + i;
                UntoldDoubts.tell(last, attached, DOUBT);
            }

            assertThat(UntoldDoubts.kept()).isEqualTo(UntoldDoubts.MOST_KEPT);
            assertThat(UntoldDoubts.before(last, attached)).isEqualTo(DOUBT);
        }
    }
}
