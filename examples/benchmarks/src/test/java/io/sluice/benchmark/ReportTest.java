package io.sluice.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    private final Report report = new Report();

    @TempDir
    private Path folder = Path.of("");

    @Test
    void a_run_that_was_broken_off_before_anything_was_measured_has_a_report_without_figures() throws Exception {
        report.write(folder, "./examples/benchmark");

        assertThat(Files.readString(folder.resolve("report.md")))
                .contains("./examples/benchmark")
                .doesNotContain("NaN");
        assertThat(report.summary()).doesNotContain("NaN");
    }

    @Test
    void a_rate_is_the_median_of_its_turns() throws Exception {
        report.limit(Report.PRODUCER, 100);
        report.limit(Report.PRODUCER, 900);
        report.limit(Report.PRODUCER, 300);

        report.write(folder, "./examples/benchmark");

        assertThat(Files.readString(folder.resolve("report.md"))).contains("| Kafka producer alone | 300 |");
    }

    @Test
    void a_target_shows_whether_it_is_met() {
        report.limit(Report.LOCAL_DRAIN, 100);
        report.limit(Report.REMOTE_DRAIN, 79);
        assertThat(report.summary()).contains("| 0.79 | ≥ 0.80 | **missed** |");

        report.limit(Report.REMOTE_DRAIN, 83);
        assertThat(report.summary()).contains("| 0.81 | ≥ 0.80 | met |");
    }

    @Test
    void latencies_of_kafka_alone_are_reported_in_milliseconds() throws Exception {
        Histogram nanos = new Histogram(3);
        nanos.recordValue(4_000_000);
        report.latencyOfKafka(nanos);
        report.groupCommit(nanos);

        report.write(folder, "./examples/benchmark");

        assertThat(Files.readString(folder.resolve("report.md"))).contains("p50 4.0 ms, p99 4.0 ms");
    }
}
