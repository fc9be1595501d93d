package io.sluice.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.status.StatusEvent.Kind;
import io.sluice.status.StatusEvent.Origin;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StatusEventsTest {

    private final StatusEvents events = new StatusEvents(Clock.systemUTC(), 3);

    @Test
    void those_behind_a_number_come_in_the_order_in_which_they_happened() {
        add(Kind.LIFECYCLE, 1);
        add(Kind.ERRORS, 1);
        add(Kind.LIFECYCLE, 1);

        StatusEvents.Page page = events.after(1, 10, Optional.empty());

        assertThat(page.first()).isEqualTo(1);
        assertThat(page.last()).isEqualTo(3);
        assertThat(page.events()).extracting(StatusEvent::sequence).containsExactly(2L, 3L);
        assertThat(page.events()).extracting(StatusEvent::kind).containsExactly(Kind.ERRORS, Kind.LIFECYCLE);
    }

    @Test
    void many_errors_push_nothing_else_out_and_the_first_says_from_where_on_none_is_missing() {
        add(Kind.LIFECYCLE, 1);
        add(Kind.ERRORS, 5);

        StatusEvents.Page page = events.after(0, 10, Optional.empty());

        assertThat(page.first()).isEqualTo(4);
        assertThat(page.events()).extracting(StatusEvent::sequence).containsExactly(1L, 4L, 5L, 6L);
    }

    @Test
    void a_page_has_so_many_at_most_and_of_the_kind_that_is_asked_for() {
        add(Kind.LIFECYCLE, 2);
        add(Kind.STATISTICS, 2);

        assertThat(events.after(0, 3, Optional.empty()).events()).hasSize(3);
        assertThat(events.after(0, 10, Optional.of(Kind.STATISTICS)).events())
                .extracting(StatusEvent::sequence)
                .containsExactly(3L, 4L);
    }

    @Test
    void who_waits_is_told_once_and_not_when_it_has_gone() {
        AtomicInteger told = new AtomicInteger();
        Runnable gone = told::incrementAndGet;
        events.atNext(told::incrementAndGet);
        events.atNext(gone);
        events.forget(gone);

        add(Kind.LIFECYCLE, 2);

        assertThat(told).hasValue(1);
    }

    @Test
    void a_long_text_is_cut() {
        events.add(Kind.ERRORS, "event", Origin.NONE, "x".repeat(1 << 20), Map.of());

        assertThat(events.after(0, 1, Optional.empty()).events())
                .singleElement()
                .satisfies(event -> assertThat(event.text()).hasSizeLessThan(3_000));
    }

    private void add(Kind kind, int count) {
        for (int i = 0; i < count; i++) {
            events.add(kind, "event", Origin.NONE, "It happened.", Map.of());
        }
    }
}
