package io.sluice.broker.door.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import io.sluice.message.UserProperty;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class WillMemoryTest {

    @Test
    void pairs_of_user_properties_count_also_if_they_are_empty() {
        PublishProperties properties = new PublishProperties(
                false,
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Collections.nCopies(26_000, new UserProperty("", "")));
        Will will = new Will("t", Qos.AT_MOST_ONCE, false, properties, ByteBuffer.allocate(0), 0);

        assertThat(will.heldBytes()).isGreaterThan(2_000_000);
    }
}
