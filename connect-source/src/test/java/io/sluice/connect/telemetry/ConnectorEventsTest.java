package io.sluice.connect.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.status.StatusEvents;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConnectorEventsTest {

    private final EventLog log = new EventLog(Clock.systemUTC(), System::nanoTime, new StatusEvents());
    private final ConnectorEvents events = new ConnectorEvents(log);

    private long updates() {
        return Arrays.stream(log.getLatest())
                .filter(line -> line.contains("connector.updated"))
                .count();
    }

    @Test
    void a_connector_that_starts_with_another_configuration_was_updated() {
        events.started("c", Map.of("a", "1", "b", "2"));
        events.started("c", Map.of("a", "1", "b", "2"));
        assertThat(updates()).isZero();

        events.started("c", Map.of("a", "1", "b", "3"));

        assertThat(log.getLatest()[0]).contains("\"changed\":[\"b\"]");
    }

    @Test
    void of_many_names_only_the_latest_are_remembered() {
        for (int i = 0; i < 3 * ConnectorEvents.MOST_REMEMBERED; i++) {
            events.started("c" + i, Map.of("name", "c" + i));
            events.started("busy", Map.of("a", "1"));
        }

        assertThat(events.remembered()).isEqualTo(ConnectorEvents.MOST_REMEMBERED);
        events.started("busy", Map.of("a", "2"));
        assertThat(updates()).isEqualTo(1);
    }
}
