package io.sluice.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.consumer.Doubt;
import io.sluice.buffer.record.Lanes;
import io.sluice.remote.wire.Attached;
import java.util.Collections;
import org.junit.jupiter.api.Test;

class ResumeStateTest {

    @Test
    void an_answer_that_comes_late_takes_back_no_later_one() {
        Attached attached = Attached.newBuilder()
                .addAllAcknowledged(Collections.nCopies(Lanes.COUNT, 0L))
                .build();
        ResumeState told = new ResumeState(Lanes.ALL, attached);
        told.doubt(new Doubt(7, -1, 0, 0, Lanes.NONE));
        told.doubt(new Doubt(9, -1, 0, 0, Lanes.NONE));
        assertThat(told.isDoubtKept()).isFalse();
        told.doubtKept(2);
        told.doubtKept(1);
        assertThat(told.isDoubtKept()).isTrue();
    }
}
