package io.sluice.connect.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.record.Lanes;
import io.sluice.connect.MessageBuilder;
import io.sluice.connect.SafeAppend;
import io.sluice.connect.config.SourceConfig;
import io.sluice.connect.route.PartitionCounts;
import io.sluice.connect.telemetry.TaskEvents;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A message whose elements become too large together, as all of their keys repeat what is beside the array. */
class RefusedElementsTest {

    private static final int ELEMENTS = 150;
    private static final int GATEWAY_BYTES = 900_000;
    private static final int MOST_BYTES = 64 << 20;

    private final SourceConfig config = SourceConfig.of(Map.of(
            "name", "elements",
            "buffer.storage", "memory",
            "kafka.topic", "iot",
            "kafka.key", "{whole:/gateway}/{json:/id}",
            "value.split", "/readings",
            "dead.letter.topic", "dead"));
    private final SharedBuffer buffer = SharedBuffer.open(
            new BufferConfig(Optional.empty(), 1 << 24, Overflow.BLOCK, 1 << 16, Duration.ZERO, Duration.ZERO));
    private final Drains drains = drains();

    @AfterEach
    void close() {
        drains.close();
        buffer.close();
    }

    @Test
    void the_dead_letters_of_its_elements_have_no_key_and_little_payload_once_they_would_be_too_large_too()
            throws Exception {
        drains.add(buffer.attach(config.consumer(Lanes.ALL)), "the test");
        SafeAppend.of(
                buffer,
                List.of(MessageBuilder.to("t")
                        .payload("{\"gateway\":\"" + "g".repeat(GATEWAY_BYTES) + "\",\"readings\":["
                                + String.join(",", Collections.nCopies(ELEMENTS, "{\"id\":1}")) + "]}")
                        .build()));

        List<SourceRecord> records = drains.poll();

        assertThat(records).hasSize(ELEMENTS);
        assertThat(records.stream()
                        .filter(record -> record.key() != null)
                        .mapToLong(record -> ((String) record.key()).length())
                        .sum())
                .isBetween((long) MOST_BYTES - 2 * GATEWAY_BYTES, (long) MOST_BYTES);
        assertThat(records.subList(ELEMENTS / 2, ELEMENTS)).allSatisfy(record -> {
            assertThat(record.topic()).isEqualTo("dead");
            assertThat((byte[]) record.value()).asString(UTF_8).isEqualTo("{\"id\":1}");
            assertThat(record.headers().lastWithName("sluice.error.element")).isNotNull();
        });
    }

    private Drains drains() {
        TaskEvents events = TaskEvents.of("elements", 0);
        LossLog losses = new LossLog("elements", config.errorLog(), events);
        return new Drains(
                new NoOffsets(),
                config.routes(PartitionCounts.UNKNOWN),
                new BatchLimits(10, 1 << 20),
                new DeadLetterPolicy(config.deadLetters(), config.connectionsTopic(), config.tolerance(), losses),
                new GivenUp(config.tolerance(), config.isTransformed(), "elements", 0),
                losses,
                events,
                () -> 1_000);
    }

    /** Kafka Connect holds no offset yet. */
    private static final class NoOffsets implements OffsetStorageReader {

        @Override
        public <T> Map<String, Object> offset(Map<String, T> partition) {
            return Map.of();
        }

        @Override
        public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
            return Map.of();
        }
    }
}
