package io.sluice.status;

import io.sluice.status.ShownProcess.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Whether all is well. */
record HealthReport(List<Check> checks) {

    /** A check and its result, in one sentence. */
    record Check(String name, boolean isUp, String text) {}

    boolean isUp() {
        return checks.stream().allMatch(Check::isUp);
    }

    /** That the process answers: a restart would help nothing else. */
    static HealthReport live() {
        return new HealthReport(List.of(new Check("process", true, "It answers.")));
    }

    /** Whether devices can connect, and what they publish is taken. */
    static HealthReport ready(StatusBoard board, ShownProcess process) {
        List<Check> checks = board.brokers().stream().map(HealthReport::check).toList();
        return new HealthReport(
                checks.isEmpty() && process.role() == Role.STANDALONE
                        ? List.of(new Check("broker", false, "It does not run yet."))
                        : checks);
    }

    /** All of that, and whether the tasks deliver. */
    static HealthReport all(StatusBoard board, ShownProcess process) {
        List<Check> checks = new ArrayList<>(live().checks());
        checks.addAll(ready(board, process).checks());
        board.tasks().stream().flatMap(HealthReport::check).forEach(checks::add);
        return new HealthReport(checks);
    }

    private static Check check(ShownBroker broker) {
        BrokerStatus.State state = broker.status().state();
        return new Check(
                "broker " + broker.name(),
                state == BrokerStatus.State.RUNNING,
                switch (state) {
                    case RUNNING -> "Devices can connect, and what they publish is taken.";
                    case FULL -> "The buffer is full.";
                    case STALLED -> "The disk of the buffer accepts no writes.";
                    case STOPPED -> "The buffer has stopped by an error: restart the broker, and see its log.";
                    case CLOSED -> "A listener is closed.";
                });
    }

    private static Stream<Check> check(ShownTask task) {
        return task.status().stream()
                .map(now -> new Check(
                        "task " + task.connector() + "/" + task.number(),
                        now.state() == TaskStatus.State.RUNNING,
                        now.text().orElse("It is " + now.state().name().toLowerCase(Locale.ROOT) + ".")));
    }
}
