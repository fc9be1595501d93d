package io.sluice.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The same as {@link EveryMessageTest} for {@code sluice.soak.minutes}, an hour by default, with other messages each time. */
@Tag("soak")
class EveryMessageSoakIT {

    private static final Logger LOG = LoggerFactory.getLogger(EveryMessageSoakIT.class);

    private static final int MESSAGES = 200;
    private static final List<String> FORMATS = List.of(
            "bytes", "string", "struct", "tbmq", "tbmq-payload", "robustmq", "robustmq-record", "cloudevents", "json");

    @Test
    void every_message_becomes_a_record_or_a_dead_letter_for_an_hour() throws Exception {
        long end = System.nanoTime()
                + Duration.ofMinutes(Integer.getInteger("sluice.soak.minutes", 60))
                        .toNanos();
        Random seeds = new Random();
        long messages = 0;
        while (System.nanoTime() < end) {
            String format = FORMATS.get(seeds.nextInt(FORMATS.size()));
            Map<String, String> properties =
                    EveryMessageTest.templates(format, "{json:/id}{json:/nested/0/x}", seeds.nextBoolean());
            EveryMessageTest.run(format, properties, seeds.nextLong(), MESSAGES);
            messages += MESSAGES;
        }
        LOG.info("{} odd messages, each with a good one behind it", messages);
        assertThat(messages).isPositive();
    }
}
