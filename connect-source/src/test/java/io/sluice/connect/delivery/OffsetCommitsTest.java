package io.sluice.connect.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.record.Lanes;
import org.junit.jupiter.api.Test;

class OffsetCommitsTest {

    private static final Lanes LANE = Lanes.NONE.with(3);

    private final OffsetCommits commits = new OffsetCommits(Lanes.NONE);

    private void poll(Lanes sent) {
        commits.polling();
        commits.sent(sent);
    }

    @Test
    void a_lane_counts_after_two_polls_and_two_commits() {
        poll(LANE);
        poll(LANE);
        commits.committed();
        assertThat(commits.stored()).isEqualTo(Lanes.NONE);
        commits.committed();
        assertThat(commits.stored()).isEqualTo(LANE);
    }

    @Test
    void commits_alone_do_not_count_since_the_task_may_be_stuck_while_they_run() {
        poll(LANE);
        commits.sent(LANE);
        commits.committed();
        commits.committed();
        commits.committed();

        assertThat(commits.stored()).isEqualTo(Lanes.NONE);
    }

    @Test
    void a_commit_that_began_before_the_poll_does_not_count() {
        poll(Lanes.NONE);
        poll(LANE);
        commits.committed();
        poll(LANE);
        commits.committed();
        assertThat(commits.stored()).isEqualTo(Lanes.NONE);
        commits.committed();
        assertThat(commits.stored()).isEqualTo(LANE);
    }

    @Test
    void the_commit_of_a_transaction_counts_at_once() {
        commits.committedAll(LANE);

        assertThat(commits.stored()).isEqualTo(LANE);
    }

    @Test
    void the_last_commit_counts_what_was_sent_in_the_last_poll_or_before() {
        poll(LANE);
        commits.committedLast();

        assertThat(commits.stored()).isEqualTo(LANE);
    }

    @Test
    void lanes_that_had_an_offset_keep_it() {
        OffsetCommits resumed = new OffsetCommits(Lanes.NONE.with(1));
        resumed.committedAll(LANE);

        assertThat(resumed.stored()).isEqualTo(Lanes.NONE.with(1).with(3));
    }
}
