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

    private static final Check PROCESS = new Check("process", true, "It answers.");

    /**
     * Whether a restart of the process would help nothing: it answers, and no broker has failed for good. A full buffer, and
     * a Kafka or a disk that is away, end by themselves.
     */
    static HealthReport live(StatusBoard board) {
        List<Check> checks = new ArrayList<>(List.of(PROCESS));
        for (ShownBroker broker : board.brokers()) {
            broker.failure().ifPresent(why -> checks.add(new Check(name(broker), false, why)));
        }
        return new HealthReport(checks);
    }

    private static String name(ShownBroker broker) {
        return "broker " + broker.name();
    }

    /** Whether devices can connect, and what they publish is taken. */
    static HealthReport ready(StatusBoard board, ShownProcess process) {
        List<Check> checks = board.brokers().stream().map(HealthReport::check).toList();
        return new HealthReport(
                checks.isEmpty() && process.role() == Role.STANDALONE
                        ? List.of(new Check("broker", false, "It does not run yet."))
                        : checks);
    }

    /** All of that, that the process answers, and whether the tasks deliver. */
    static HealthReport all(StatusBoard board, ShownProcess process) {
        List<Check> checks = new ArrayList<>(List.of(PROCESS));
        checks.addAll(ready(board, process).checks());
        board.tasks().stream().flatMap(HealthReport::check).forEach(checks::add);
        return new HealthReport(checks);
    }

    private static Check check(ShownBroker broker) {
        BrokerStatus.State state = broker.status().state();
        return new Check(
                name(broker),
                state == BrokerStatus.State.RUNNING,
                switch (state) {
                    case RUNNING -> "Devices can connect, and what they publish is taken.";
                    case FULL -> "The buffer is full.";
                    case STALLED -> "The disk of the buffer accepts no writes.";
                    case STOPPED -> broker.failure().orElse("It has stopped by an error.");
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
