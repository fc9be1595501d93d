package io.sluice.tools.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.tools.Context;
import io.sluice.tools.ProcessStatus;
import io.sluice.tools.Settings;
import io.sluice.tools.ToolException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConsoleTelemetryTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final Telemetry telemetry = new Telemetry();

    /** A worker with a connector whose tasks have delivered so many. */
    private static ProcessStatus worker(double... delivered) {
        return new ProcessStatus(
                "test",
                "worker",
                START.toString(),
                List.of(),
                List.of(new ProcessStatus.Connector(
                        "c",
                        IntStream.range(0, delivered.length)
                                .mapToObj(id -> new ProcessStatus.Task(
                                        id,
                                        "running",
                                        null,
                                        START.toString(),
                                        null,
                                        List.of(),
                                        Map.of("delivered-records-total", delivered[id])))
                                .toList())));
    }

    private void seen(int second, Map<String, ProcessStatus> answers, String... failures) {
        telemetry.remember(answers, List.of(failures), START.plusSeconds(second));
    }

    private String rates() {
        return telemetry.history("c").path("delivered").toString();
    }

    @Test
    void a_task_that_begins_anew_counts_from_0_and_the_others_go_on() {
        seen(0, Map.of("a", worker(1_000, 1_000)));
        seen(1, Map.of("a", worker(1_010, 5)));

        assertThat(rates()).isEqualTo("[15.0]");
    }

    @Test
    void a_listener_that_was_silent_comes_back_without_a_leap() {
        seen(0, Map.of("a", worker(1_000), "b", worker(5_000)));
        seen(1, Map.of("a", worker(1_010)), "b does not answer.");
        seen(2, Map.of("a", worker(1_020), "b", worker(5_100)));
        seen(3, Map.of("a", worker(1_030), "b", worker(5_110)));

        assertThat(rates()).isEqualTo("[10.0,10.0,20.0]");
    }

    @Test
    void one_request_that_fails_leaves_the_history_and_says_that_nothing_is_known_now() {
        seen(0, Map.of("a", worker(0)));
        seen(1, Map.of("a", worker(10)));
        seen(2, Map.of(), "a does not answer.");

        assertThat(rates()).isEqualTo("[10.0]");
        assertThat(telemetry.now("c")).isEmpty();
        assertThat(telemetry.failure()).contains("a does not answer.");
        seen(3, Map.of("a", worker(30)));
        assertThat(telemetry.now("c").orElseThrow().path("rate").asDouble()).isEqualTo(10);
    }

    @Test
    void an_address_of_a_listener_that_is_none_is_said_in_a_sentence() {
        KnownPlace place = new KnownPlace(
                "default", new Settings(Map.of("SLUICE_STATUS", "worker:9404"), Optional.empty(), Context.EMPTY));

        assertThatThrownBy(place::listeners)
                .isInstanceOf(ToolException.class)
                .hasMessageStartingWith("'worker:9404' is no address of a status listener");
    }

    @Test
    void of_thousands_of_connectors_less_is_remembered_than_of_one() {
        ProcessStatus many = new ProcessStatus(
                "test",
                "worker",
                START.toString(),
                List.of(),
                IntStream.range(0, 3_000)
                        .mapToObj(number -> new ProcessStatus.Connector("c-" + number, List.of()))
                        .toList());

        IntStream.range(0, 60).forEach(second -> seen(second, Map.of("a", many)));

        assertThat(telemetry.history("c-7").path("at")).hasSize(39);
    }
}
