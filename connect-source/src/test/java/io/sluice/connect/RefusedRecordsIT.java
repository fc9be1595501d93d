package io.sluice.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** In a real worker, a record that Kafka, a converter or a transformation refuses becomes a dead letter. */
@Execution(ExecutionMode.CONCURRENT)
@Order(1) // it waits longest, and the others have something to do meanwhile
class RefusedRecordsIT {

    @TempDir
    private static Path folders;

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    /** By Kafka's answer, when a topic is created, and by Kafka Connect itself. */
    @ParameterizedTest
    @EnumSource(names = {"TOO_LARGE", "TOPIC_AGAINST_POLICY", "TRANSFORMATION"})
    void without_tolerance_the_task_stands_up_again_after_few_failures(Refusal refusal) throws Exception {
        assertThat(RefusedRecords.run(SHARED.cluster(), refusal, "none", folders))
                .isBetween(1, RefusedRecords.MOST_FAILURES);
    }

    @Tag("nightly")
    @ParameterizedTest
    @EnumSource(names = {"LARGER_THAN_A_REQUEST", "TIME_TOO_OLD", "NO_KEY", "NOT_AUTHORIZED", "TOPIC_COLLIDES"})
    void so_it_does_whatever_is_refused(Refusal refusal) throws Exception {
        assertThat(RefusedRecords.run(SHARED.cluster(), refusal, "none", folders))
                .isBetween(1, RefusedRecords.MOST_FAILURES);
    }
}
