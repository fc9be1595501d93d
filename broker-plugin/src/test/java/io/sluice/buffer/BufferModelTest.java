package io.sluice.buffer;

import io.sluice.buffer.BufferModel.Kind;
import io.sluice.buffer.BufferModel.Step;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;

/**
 * The log against a simple model, the numbers of the messages that were told to be safe and the packet ids that are in
 * use, under random appends, releases, ends of sessions, reads, acknowledgements, failed forces, crashes that keep any
 * part of what was not forced, and openings.
 */
class BufferModelTest {

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(6, Kind.APPEND),
                Tuple.of(6, Kind.APPEND_AND_WAIT),
                Tuple.of(6, Kind.READ),
                Tuple.of(4, Kind.ACKNOWLEDGE),
                Tuple.of(4, Kind.RELEASE),
                Tuple.of(1, Kind.END_SESSION),
                Tuple.of(1, Kind.ATTACH),
                Tuple.of(1, Kind.FAIL_FORCE),
                Tuple.of(1, Kind.CLOSE),
                Tuple.of(1, Kind.KILL),
                Tuple.of(2, Kind.POWER_CUT));
        return Combinators.combine(kinds, Arbitraries.integers().between(0, 30))
                .as(Step::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(50);
    }

    @Property(tries = 150, shrinking = ShrinkingMode.BOUNDED)
    void what_is_safe_is_delivered_in_order_and_once_at_its_position(@ForAll("steps") List<Step> steps)
            throws Exception {
        BufferModel run = new BufferModel(new Random(steps.hashCode()));
        for (Step step : steps) {
            run.apply(step);
        }
        run.finish();
    }
}
