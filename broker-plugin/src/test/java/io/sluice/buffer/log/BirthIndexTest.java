package io.sluice.buffer.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.log.Birth.InFile;
import io.sluice.buffer.log.Birth.InSegment;
import org.junit.jupiter.api.Test;

class BirthIndexTest {

    private static final int QUIET = 3;
    private static final int ENDLESS = 7;

    private static Birth inSegment(String topic, long position, int lane) {
        return new Birth(topic, position, lane, new InSegment(position));
    }

    private static Birth inFile(String topic, long position, int lane, int bytes) {
        return new Birth(topic, position, lane, new InFile(position, bytes));
    }

    @Test
    void the_lane_whose_births_take_most_loses_its_oldest_although_others_are_older() {
        BirthIndex index = new BirthIndex(10_000, 1 << 20);
        index.put(inSegment("quiet", 0, QUIET));
        for (int i = 1; i <= 1_000; i++) {
            index.put(inSegment("endless" + i, i, ENDLESS));
        }

        assertThat(index.before("quiet", 2_000)).isPresent();
        assertThat(index.before("endless1", 2_000)).isEmpty();
        assertThat(index.before("endless1000", 2_000)).isPresent();
        assertThat(index.size()).isBetween(20, 40);
        assertThat(index.forgotten()).isEqualTo(1_001 - index.size());
    }

    @Test
    void the_lane_whose_records_take_most_loses_its_oldest_although_others_are_older() {
        BirthIndex index = new BirthIndex(1 << 20, 10_000);
        for (int i = 0; i < 5; i++) {
            index.put(inFile("quiet" + i, i, QUIET, 100));
        }
        for (int i = 5; i < 100; i++) {
            index.put(inFile("large" + i, i, ENDLESS, 1_000));
        }

        assertThat(index.before("quiet0", 200)).isPresent();
        assertThat(index.before("large90", 200)).isEmpty();
        assertThat(index.before("large91", 200)).isPresent();
        assertThat(index.size()).isEqualTo(14);
    }

    @Test
    void a_lane_may_have_all_that_nobody_else_needs() {
        BirthIndex index = new BirthIndex(100_000, 1 << 20);
        for (int i = 0; i < 250; i++) {
            index.put(inSegment("bridge" + i, i, ENDLESS));
        }

        assertThat(index.size()).isEqualTo(250);
        assertThat(index.forgotten()).isZero();
    }

    @Test
    void with_a_birth_that_is_forgotten_go_those_before_it_of_its_topic_and_no_other() {
        BirthIndex index = new BirthIndex(1 << 20, 1 << 20);
        index.put(inSegment("press", 0, QUIET));
        index.put(inSegment("other", 1, QUIET));
        index.put(inSegment("press", 2, ENDLESS));
        Birth last = inSegment("press", 4, QUIET);
        index.put(last);

        index.forget(inSegment("press", 2, ENDLESS));

        assertThat(index.before("press", 4))
                .as("no name is better than a wrong one")
                .isEmpty();
        assertThat(index.before("press", 5)).contains(last);
        assertThat(index.before("other", 5)).isPresent();
        assertThat(index.size()).isEqualTo(2);
        assertThat(index.forgotten()).isEqualTo(1);
    }

    @Test
    void of_the_births_before_a_log_the_latest_of_a_topic_stays_unless_the_log_begins_with_a_later_one() {
        BirthIndex index = new BirthIndex(1 << 20, 1 << 20);
        Birth latest = inFile("press", 2, QUIET, 100);
        Birth first = inSegment("press", 4, QUIET);
        index.put(inFile("press", 0, QUIET, 100));
        index.put(latest);
        index.put(first);

        index.dropSuperseded(3);
        assertThat(index.allBefore(5)).containsExactly(latest, first);
        index.dropSuperseded(4);
        assertThat(index.allBefore(5)).containsExactly(first);
    }

    @Test
    void a_birth_that_moves_is_counted_once_and_one_that_was_forgotten_stays_so() {
        BirthIndex index = new BirthIndex(1 << 20, 1_500);
        index.put(inFile("press", 0, QUIET, 1_000));
        for (int i = 0; i < 10; i++) {
            index.move(inFile("press", 0, QUIET, 1_000));
        }
        assertThat(index.before("press", 1)).isPresent();

        index.forget(inFile("press", 0, QUIET, 1_000));
        index.move(inFile("press", 0, QUIET, 1_000));
        assertThat(index.before("press", 1)).isEmpty();
        index.put(inFile("next", 1, QUIET, 1_500));
        assertThat(index.before("next", 2))
                .as("nothing is left that takes room")
                .isPresent();
    }
}
