package io.sluice.connect.telemetry;

import static java.util.Map.entry;

import java.util.LinkedHashMap;
import java.util.Map;

/** What happens to one task, told as events. No payload is in them. Thread-safe. */
public final class TaskEvents {

    private static final int LONGEST_TEXT = 1_000;

    private final EventLog log;
    private final String connector;
    private final int task;

    TaskEvents(EventLog log, String connector, int task) {
        this.log = log;
        this.connector = connector;
        this.task = task;
    }

    /**
     * The events of a task.
     *
     * @param task its number in the connector
     */
    public static TaskEvents of(String connector, int task) {
        return new TaskEvents(EventLog.SHARED, connector, task);
    }

    void started() {
        log.info("task.started", fields());
    }

    /** The task has stopped. It may have been the last one that looked for events that were left out. */
    void stopped() {
        log.tellAllLeftOut();
        log.info("task.stopped", fields());
    }

    /** Tells how many events were left out, also when nothing happens. */
    void look() {
        log.tellLeftOut();
    }

    /** A buffer knows the connector now, and keeps messages for it from now on. */
    public void created(String bufferId) {
        log.info("connector.created", fields(entry("buffer", bufferId)));
    }

    public void failed(Throwable cause) {
        log.alarm("task.failed", fields(entry("error", text(String.valueOf(cause.getMessage())))));
    }

    void statistics(long processed, long errors) {
        log.info("statistics", fields(entry("processed", processed), entry("errors", errors)));
    }

    /** The task has attached to a buffer that has so many messages for it, at most. */
    public void bufferAttached(String buffer, long waiting) {
        log.info("buffer.attached", fields(entry("buffer", buffer), entry("waiting", waiting)));
    }

    /** The task leaves a buffer in which so many messages for it stay behind, at most. */
    public void bufferLeft(String buffer, long waiting) {
        log.alarm("buffer.left", fields(entry("buffer", buffer), entry("waiting", waiting)));
    }

    /** A standalone broker cannot be reached, and what is published to it waits there. */
    public void endpointAway(String endpoint, String error) {
        log.alarm("endpoint.waiting", fields(entry("endpoint", endpoint), entry("error", text(error))));
    }

    public void endpointReached(String endpoint) {
        log.info("endpoint.reached", fields(entry("endpoint", endpoint)));
    }

    public void kafkaSilent(long forMs, String topic, String reason) {
        log.alarm(
                "kafka.silent",
                fields(entry("silentMs", forMs), entry("topic", text(topic)), entry("error", text(reason))));
    }

    public void kafkaAnswers() {
        log.info("kafka.answers", fields());
    }

    public void skipped(String topic, String client, long position, String error) {
        message("message.skipped", topic, client, position, error);
    }

    public void deadLetter(String topic, String client, long position, String error) {
        message("message.dead.letter", topic, client, position, error);
    }

    private void message(String event, String topic, String client, long position, String error) {
        log.error(
                EventKind.MESSAGE,
                event,
                connector,
                fields(
                        entry("topic", text(topic)),
                        entry("client", text(client)),
                        entry("position", position),
                        entry("error", text(error))));
    }

    public void lost(long from, long to, String cause) {
        log.error(
                EventKind.LOSS,
                "positions.lost",
                connector,
                fields(entry("position", from), entry("count", to - from), entry("error", text(cause))));
    }

    /**
     * A message of an edge node of Sparkplug B came with another sequence number than the one after that of the message before.
     *
     * @param node its group and name, as in topics
     */
    public void sequenceGap(String node, long position, long expected, long found) {
        log.error(
                EventKind.SPARKPLUG,
                "sparkplug.gap",
                connector,
                fields(
                        entry("edgeNode", text(node)),
                        entry("position", position),
                        entry("expected", expected),
                        entry("found", found)));
    }

    /**
     * A message of an edge node of Sparkplug B has an alias that no birth is known to name.
     *
     * @param node its group and name, as in topics
     * @param command the topic to which a host application publishes that the edge node should be born again
     */
    public void rebirthNeeded(String node, long position, String command) {
        log.error(
                EventKind.SPARKPLUG,
                "sparkplug.rebirth.needed",
                connector,
                fields(entry("edgeNode", text(node)), entry("position", position), entry("command", text(command))));
    }

    @SafeVarargs
    private Map<String, Object> fields(Map.Entry<String, ?>... more) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("connector", connector);
        fields.put("task", task);
        for (Map.Entry<String, ?> each : more) {
            fields.put(each.getKey(), each.getValue());
        }
        return fields;
    }

    private static String text(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
    }
}
