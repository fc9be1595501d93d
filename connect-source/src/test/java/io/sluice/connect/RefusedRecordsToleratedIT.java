package io.sluice.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Order;
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
    @EnumSource
    void with_tolerance_nothing_fails(Refusal refusal) throws Exception {
        // What cannot be created no tolerance covers.
        boolean atCreation = refusal == Refusal.TOPIC_COLLIDES || refusal == Refusal.TOPIC_AGAINST_POLICY;
        int most = atCreation ? RefusedRecords.MOST_FAILURES : 0;
        assertThat(RefusedRecords.run(SHARED.cluster(), refusal, "all", folders))
                .isLessThanOrEqualTo(most);
    }
}
