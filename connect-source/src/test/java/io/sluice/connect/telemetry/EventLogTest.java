package io.sluice.connect.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.status.StatusEvents;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Index;
import org.junit.jupiter.api.Test;

class EventLogTest {

    private final Hand clock = new Hand();
    private final EventLog log = new EventLog(clock, clock::ns, new StatusEvents());

    @Test
    void an_event_is_a_json_object_with_its_name_its_time_and_what_it_is_about() {
        new TaskEvents(log, "con\"nector", 3).deadLetter("a/b", "client", 7, "why");

        assertThat(log.getLatest())
                .containsExactly("{\"event\":\"message.dead.letter\",\"time\":\"2026-01-01T00:00:00Z\","
                        + "\"connector\":\"con\\\"nector\",\"task\":3,\"topic\":\"a/b\",\"client\":\"client\","
                        + "\"position\":7,\"error\":\"why\"}");
    }

    @Test
    void the_latest_of_each_kind_are_kept_in_the_order_in_which_they_came() {
        TaskEvents events = new TaskEvents(log, "connector", 0);
        for (int i = 0; i <= EventKind.LIFE.kept(); i++) {
            log.info("event", Map.of("n", i));
        }
        for (int i = 0; i <= EventKind.LOSS.kept(); i++) {
            events.lost(1_000 + i, 1_001 + i, "overtaken");
        }
        log.info("event", Map.of("n", -1));

        assertThat(log.getLatest()).hasSize(EventKind.LIFE.kept() + EventKind.LOSS.kept());
        assertThat(log.getLatest()[0]).contains("\"n\":2}");
        assertThat(log.getLatest()[EventKind.LIFE.kept() - 1]).contains("\"position\":1001,");
        assertThat(log.getLatest()[log.getLatest().length - 1]).contains("\"n\":-1}");
    }

    @Test
    void of_errors_there_are_so_many_a_minute_and_the_next_minute_says_how_many_were_left_out() {
        deadLetters(EventKind.MESSAGE.perMinute() + 5);
        assertThat(named("errors.left.out")).isEmpty();

        clock.pass(Duration.ofMinutes(1));
        deadLetters(1);

        assertThat(named("errors.left.out")).singleElement().asString().contains("\"of\":\"messages\",\"count\":5}");
        assertThat(named("message.dead.letter")).hasSize(EventKind.MESSAGE.kept() - 1);
    }

    @Test
    void what_a_connector_cannot_map_leaves_room_for_that_of_others() {
        deadLetters(EventKind.MESSAGE.perMinute() + 5);
        new TaskEvents(log, "other", 0).deadLetter("b", "client", 7, "why");
        clock.pass(Duration.ofMinutes(1));
        log.tellLeftOut();

        assertThat(named("message.dead.letter")).last().asString().contains("\"connector\":\"other\"");
        assertThat(named("errors.left.out"))
                .singleElement()
                .asString()
                .contains("\"connector\":\"connector\",\"of\":\"messages\",\"count\":5}");
    }

    @Test
    void that_errors_were_left_out_is_told_when_the_minute_is_over_though_none_follows() {
        TaskEvents events = new TaskEvents(log, "connector", 0);
        deadLetters(EventKind.MESSAGE.perMinute() + 5);
        clock.pass(Duration.ofSeconds(59));
        events.look();
        assertThat(named("errors.left.out")).isEmpty();

        clock.pass(Duration.ofSeconds(1));
        events.look();
        events.look();

        assertThat(named("errors.left.out")).singleElement().asString().contains("\"count\":5");
    }

    @Test
    void a_minute_is_as_long_as_any_other_when_the_clock_is_set_back() {
        deadLetters(EventKind.MESSAGE.perMinute() + 5);
        clock.stepBack(Duration.ofDays(1));
        clock.pass(Duration.ofMinutes(1));
        deadLetters(2);

        assertThat(named("errors.left.out")).singleElement().asString().contains("\"count\":5");
        assertThat(named("message.dead.letter"))
                .filteredOn(line -> line.contains("\"time\":\"2025-12-31T00:01:00Z\""))
                .hasSize(2);
    }

    @Test
    void that_errors_were_left_out_is_told_at_once_when_a_task_stops_and_the_minute_goes_on() {
        TaskEvents events = new TaskEvents(log, "connector", 0);
        deadLetters(EventKind.MESSAGE.perMinute() + 5);
        events.stopped();
        deadLetters(2);
        clock.pass(Duration.ofMinutes(1));
        events.look();

        assertThat(named("errors.left.out"))
                .hasSize(2)
                .satisfies(first -> assertThat(first).contains("\"count\":5"), Index.atIndex(0))
                .satisfies(second -> assertThat(second).contains("\"count\":2"), Index.atIndex(1));
    }

    @Test
    void what_happens_to_tasks_and_what_is_lost_is_told_however_many_messages_cannot_be_mapped() {
        TaskEvents events = new TaskEvents(log, "connector", 0);
        events.created("buffer-1");
        deadLetters(EventKind.MESSAGE.perMinute());
        events.failed(new IllegalStateException("gone"));
        events.lost(7, 9, "damaged");
        deadLetters(EventKind.MESSAGE.perMinute());

        assertThat(named("connector.created")).singleElement().asString().contains("\"buffer\":\"buffer-1\"");
        assertThat(named("task.failed")).singleElement().asString().contains("gone");
        assertThat(named("positions.lost")).singleElement().asString().contains("\"position\":7,\"count\":2");
    }

    @Test
    void what_is_lost_leaves_room_for_messages_that_cannot_be_mapped() {
        TaskEvents events = new TaskEvents(log, "connector", 0);
        for (int i = 0; i < EventKind.LOSS.perMinute() + 3; i++) {
            events.lost(i, i + 1, "overtaken");
        }
        deadLetters(1);
        events.stopped();

        assertThat(named("message.dead.letter")).hasSize(1);
        assertThat(named("errors.left.out")).singleElement().asString().contains("\"of\":\"positions\",\"count\":3}");
    }

    @Test
    void a_connector_that_starts_with_another_configuration_was_updated_and_no_value_is_told() {
        ConnectorEvents events = new ConnectorEvents(log);
        events.started("one", Map.of("kafka.topic", "a", "password", "secret", "gone", "x"));
        events.started("two", Map.of("kafka.topic", "a"));
        events.started("one", Map.of("kafka.topic", "a", "password", "secret", "gone", "x"));
        assertThat(log.getLatest()).isEmpty();

        events.started("one", Map.of("kafka.topic", "a", "password", "better", "come", "y"));

        assertThat(log.getLatest())
                .containsExactly("{\"event\":\"connector.updated\",\"time\":\"2026-01-01T00:00:00Z\","
                        + "\"connector\":\"one\",\"changed\":[\"come\",\"gone\",\"password\"]}");
    }

    @Test
    void a_second_copy_of_the_plugin_in_a_process_logs_its_events_though_jmx_has_those_of_the_first() throws Exception {
        assertThat(EventLog.SHARED).isNotNull();
        URL[] copy = {
            EventLog.class.getProtectionDomain().getCodeSource().getLocation(),
            StatusEvents.class.getProtectionDomain().getCodeSource().getLocation()
        };
        try (ChildFirst loader = new ChildFirst(copy)) {
            Class<?> other = Class.forName(EventLog.class.getName(), true, loader);

            assertThat(other).isNotSameAs(EventLog.class);
        }
    }

    /** Loads Sluice itself and leaves the rest to the loader of the test, as a worker does with plugins. */
    private static final class ChildFirst extends URLClassLoader {

        private ChildFirst(URL[] copy) {
            super(copy, EventLogTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            return name.startsWith("io.sluice.") && findLoadedClass(name) == null
                    ? findClass(name)
                    : super.loadClass(name, resolve);
        }
    }

    private void deadLetters(int count) {
        TaskEvents events = new TaskEvents(log, "connector", 0);
        for (int i = 0; i < count; i++) {
            events.deadLetter("a", "client", i, "why");
        }
    }

    private List<String> named(String event) {
        return Arrays.stream(log.getLatest())
                .filter(line -> line.startsWith("{\"event\":\"" + event + "\""))
                .toList();
    }

    private static final class Hand extends Clock {

        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        private long ns;

        private void pass(Duration duration) {
            now = now.plus(duration);
            ns += duration.toNanos();
        }

        private void stepBack(Duration duration) {
            now = now.minus(duration);
        }

        private long ns() {
            return ns;
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
