package io.sluice.connect.telemetry;

import java.util.Map;

/** Events as sentences, for people. */
final class EventText {

    private EventText() {}

    static String of(String event, Map<String, ?> fields) {
        Fields of = name -> String.valueOf(fields.get(name));
        return switch (event) {
            case "connector.created" ->
                "The buffer " + of.field("buffer") + " keeps messages for the connector from now on.";
            case "connector.updated" -> "The connector starts with other values of " + of.field("changed") + ".";
            case "connector.warning" -> of.field("warning");
            case "connector.advice" -> of.field("advice");
            case "task.started" -> "The task has started.";
            case "task.stopped" -> "The task has stopped.";
            case "task.failed" -> "The task has failed: " + of.field("error");
            case "buffer.attached" ->
                "The task drains the buffer " + of.field("buffer") + ", in which up to " + of.field("waiting")
                        + " messages wait.";
            case "buffer.left" ->
                "The task leaves the buffer " + of.field("buffer") + ", in which up to " + of.field("waiting")
                        + " messages remain.";
            case "endpoint.waiting" ->
                "The broker at " + of.field("endpoint") + " cannot be reached: " + of.field("error");
            case "endpoint.reached" -> "The broker at " + of.field("endpoint") + " is reachable now.";
            case "kafka.silent" ->
                "A record has waited for Kafka for " + of.field("silentMs") + " ms: " + of.field("error");
            case "kafka.answers" -> "Kafka acknowledges again, or nothing waits for it.";
            case "statistics" ->
                of.field("processed") + " records reached Kafka; " + of.field("errors")
                        + " messages were not delivered as records.";
            case "message.dead.letter" -> message(of) + " became a dead letter: " + of.field("error");
            case "message.skipped" -> message(of) + " was skipped: " + of.field("error");
            case "positions.lost" ->
                of.field("count") + " positions of the buffer, from " + of.field("position") + " on, were lost: "
                        + of.field("error");
            case "sparkplug.gap" ->
                "The edge node " + of.field("edgeNode") + " has sent a message with the sequence number "
                        + of.field("found") + " where " + of.field("expected") + " should be: messages are missing.";
            case "sparkplug.rebirth.needed" ->
                "Metrics of the edge node " + of.field("edgeNode")
                        + " have no names, as no birth is known that says what"
                        + " their aliases stand for. A host application asks for one by publishing the metric Node"
                        + " Control/Rebirth, a Boolean that is true, to " + of.field("command") + ".";
            case "errors.left.out" ->
                of.field("count") + " more events about " + of.field("of") + " were left out, as there were too many.";
            default -> event + ": " + fields;
        };
    }

    private static String message(Fields of) {
        return "A message of " + of.field("client") + " to " + of.field("topic");
    }

    private interface Fields {
        String field(String name);
    }
}
