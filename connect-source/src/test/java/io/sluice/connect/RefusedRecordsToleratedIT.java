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

/** The same with {@code errors.tolerance=all}: no task fails where Kafka Connect can go on. */
@Execution(ExecutionMode.CONCURRENT)
@Order(1) // it waits longest, and the others have something to do meanwhile
class RefusedRecordsToleratedIT {

    @TempDir
    private static Path folders;

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    @ParameterizedTest
    @EnumSource(names = {"TOO_LARGE", "NOT_AUTHORIZED", "TRANSFORMATION"})
    void with_tolerance_nothing_fails(Refusal refusal) throws Exception {
        assertThat(RefusedRecords.run(SHARED.cluster(), refusal, "all", folders))
                .isZero();
    }

    @Tag("nightly")
    @ParameterizedTest
    @EnumSource(names = {"LARGER_THAN_A_REQUEST", "TIME_TOO_OLD", "NO_KEY"})
    void so_it_is_whatever_is_refused(Refusal refusal) throws Exception {
        with_tolerance_nothing_fails(refusal);
    }

    @Tag("nightly")
    @ParameterizedTest
    @EnumSource(names = {"TOPIC_COLLIDES", "TOPIC_AGAINST_POLICY"})
    void no_tolerance_covers_what_cannot_be_created_and_few_failures_find_it(Refusal refusal) throws Exception {
        assertThat(RefusedRecords.run(SHARED.cluster(), refusal, "all", folders))
                .isLessThanOrEqualTo(RefusedRecords.MOST_FAILURES);
    }
}
