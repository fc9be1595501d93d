package io.sluice.tools;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** What a worker says of the states of a connector and its tasks. */
public final class States {

    private static final String RUNNING = "RUNNING";
    private static final String FAILED = "FAILED";

    private States() {}

    /** Whether the connector runs, and at least one task, and all of them. */
    public static boolean areRunning(JsonNode status) {
        JsonNode tasks = status.path("tasks");
        return state(status.path("connector")).equals(RUNNING) && !tasks.isEmpty() && running(tasks) == tasks.size();
    }

    /** The state of a connector: {@code FAILED} also if only a task of it is. */
    public static String summary(JsonNode status) {
        return failure(status).isPresent() ? FAILED : state(status.path("connector"));
    }

    /** How many of its tasks run, such as {@code 1/2}. */
    public static String tasks(JsonNode status) {
        return running(status.path("tasks")) + "/" + status.path("tasks").size();
    }

    /** Why the connector or a task has failed, in a line, if one has. */
    public static Optional<String> failure(JsonNode status) {
        if (state(status.path("connector")).equals(FAILED)) {
            return Optional.of(reason(status.path("connector")));
        }
        for (JsonNode task : status.path("tasks")) {
            if (state(task).equals(FAILED)) {
                return Optional.of("task " + task.path("id").asText() + ": " + reason(task));
            }
        }
        return Optional.empty();
    }

    /** Why a connector or a task has failed: the last cause that is a sentence, which its reader can do something about. */
    public static String reason(JsonNode failed) {
        String reason = "";
        for (String line : failed.path("trace").asText().lines().toList()) {
            if (reason.isEmpty() || line.startsWith("Caused by: ")) {
                String named = line.replaceFirst("^Caused by: ", "");
                String said = named.replaceFirst("^[a-zA-Z0-9_.$]+(Exception|Error): ", "");
                if (reason.isEmpty() || said.contains(" ")) {
                    reason = said;
                }
            }
        }
        return reason;
    }

    private static long running(JsonNode tasks) {
        return tasks.valueStream().filter(task -> state(task).equals(RUNNING)).count();
    }

    private static String state(JsonNode node) {
        return node.path("state").asText();
    }
}
