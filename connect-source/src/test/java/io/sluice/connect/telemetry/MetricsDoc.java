package io.sluice.connect.telemetry;

import io.sluice.broker.BrokerMetric;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The documentation of metrics and events, made from the code, so that the two cannot differ. */
final class MetricsDoc {

    private static final String INTRODUCTION = """
            # Metrics and events

            Sluice registers its metrics with Kafka Connect (KIP-877), so every metrics reporter of the worker has them.
            JMX shows them as attributes of

                kafka.connect:type=plugins,connector=<name>,task=<number>

            Metrics of a broker in the worker also have `broker=<broker.name>`. Names are in quotes if they have
            characters other than letters, digits, spaces and `-_.%`. Workers before 4.1 have no such registry; JMX
            shows the same metrics there. Counts (`-total`) start when the task starts, those of a broker when the
            broker starts, those of its buffer when that opens.

            Connectors that share a broker each show its metrics: take the maximum over connectors, not the sum. A
            standalone broker has its metrics in its own process: `sluice-broker` shows them over JMX, as
            `io.sluice:type=Broker,name="<name>"`, under names without dashes (`CapturedMessagesTotal`). It has
            `LagPositions` by connector, and no oldest age. For the tasks that drain it over the network, it has
            `DrainAttachedTasks`, `DrainSentBytesTotal` and, for refused ones, `DrainRefusedTotal` by reason.

            """;

    private static final String MONITORING = """

            ## Prometheus and Grafana

            With [`status.listener`](configuration.md), a worker or a standalone broker serves all of this itself, at
            `/metrics`; Prometheus needs no exporter:

                scrape_configs:
                  - job_name: sluice
                    static_configs: [{ targets: ["127.0.0.1:9404"] }]

            With a token file, add `authorization: { credentials_file: … }` and `scheme: https`. Prometheus has each
            metric under its name with `_` for `-`, and `connector`, `task`, `broker` and `reason` as labels. A broker
            is there once, whoever shares it, with what each connector still has to get: `sluice_broker_lag_positions`,
            and how long the oldest has waited, `sluice_broker_oldest_age_ms`; of a standalone broker that is drained
            from elsewhere also `sluice_drain_attached_tasks`, `sluice_drain_sent_bytes_total` and
            `sluice_drain_refused_total`. A worker adds Kafka Connect's own metrics of its tasks, as
            `kafka_connect_task_status`, `kafka_connect_source_task_…` and `kafka_connect_task_error_…`.
            `etc/monitoring/sluice-dashboard.json` is a dashboard to import into Grafana.

            If you export JMX instead, `etc/monitoring/sluice-jmx.yaml` has rules for the Prometheus JMX exporter, for
            workers and for standalone brokers, under the same names. Let the JVM start with the exporter, in
            `KAFKA_OPTS` of a worker or `SLUICE_OPTS` of `sluice-broker`, and let Prometheus scrape that port:

                -javaagent:jmx_prometheus_javaagent.jar=9404:etc/monitoring/sluice-jmx.yaml
            """;

    private static final String EVENTS = """

            ## Events

            The logger `io.sluice.events` has one JSON object a line, and JMX the latest 200, as the attribute `Latest` of
            `io.sluice:type=Events`. Each has `event`, `time` and `connector`; those of a
            task have `task`. No event has a payload, though an error may quote a Kafka topic
            that a template made.

            With [`status.listener`](configuration.md), `/v1/events?after=N` has the latest 500 of each kind
            (`lifecycle`, `statistics`, `errors`), each with a number, a sentence, and these fields. Events of a broker
            are only there.

            Errors with messages, lost positions, and what messages of Sparkplug B lack are a hundred a minute and connector each at most;
            `errors.left.out` says how many more there were, when the minute is over or a task stops. They displace
            no other events: of the latest 200 they fill 60, 20 and 20 at most.

            | event | when | more fields |
            |---|---|---|
            | `connector.created` | the connector has attached to a buffer for the first time, which keeps messages for it from now on | `buffer` |
            | `connector.updated` | it starts with another configuration than when it last started in this worker | `changed`: the keys, without values |
            | `task.started`, `task.stopped` | the task has started, has stopped | |
            | `buffer.attached` | the task has attached to a buffer | `buffer`, its id, `waiting` messages at most |
            | `buffer.left` | messages remain in a buffer that the task leaves | `buffer`, `waiting` |
            | `connector.warning` | the Kafka that the configuration names does not answer, or lacks a topic that is not created automatically; or messages wait in the buffer for a connector of another name | `warning` |
            | `connector.advice` | the configuration costs throughput, or lets nobody create Kafka topics | `advice` |
            | `kafka.silent`, `kafka.answers` | Kafka has acknowledged nothing for ten seconds although records are in flight, or one record not for a minute although it acknowledges others (ten seconds if the task reads no more because of it); and acknowledges again, or nothing waits for it, as in a connector that is paused | `topic` of that or the last record, `silentMs`, `error`: the likely reason |
            | `endpoint.waiting`, `endpoint.reached` | a remote broker cannot be reached, reported once a minute; it is reachable again | `endpoint`, `error` |
            | `task.failed` | the task could not start, or not go on | `error` |
            | `statistics` | each hour and at the end, if there is something to report | `processed` records that reached Kafka, `errors` |
            | `message.dead.letter`, `message.skipped` | a message could not be mapped, or its record was refused | `topic`, `client`, `position`, `error` |
            | `positions.lost` | the buffer no longer had what was to be read | `position` of the first, `count`, `error` |
            | `sparkplug.gap` | an edge node's message has another sequence number than the one that is due: others are missing. Only where `topic.filters` take all that the edge node publishes | `edgeNode` as `group/node`, `position`, `expected`, `found` |
            | `sparkplug.rebirth.needed` | an edge node's message has an alias that no known birth names; once until its next birth | `edgeNode`, `position`, `command`: the topic of the command that asks for a birth |
            | `errors.left.out` | there were too many errors | `of`: `messages`, `positions` or `Sparkplug B`; `count` |

            Of a broker, in a worker or standalone:

            | event | when | more fields |
            |---|---|---|
            | `broker.started`, `broker.closed` | it listens; it has closed its listeners | `listeners` |
            | `consumer.attached`, `consumer.left` | a connector drains its buffer, or no longer does | `connector`, `waiting` |
            | `buffer.full`, `buffer.has.room` | a message found no free space; there is free space again | `bytes`, `maxBytes` |
            | `buffer.stalled`, `buffer.writes` | the disk accepts no write; it accepts writes again | |
            | `buffer.stopped`, `sessions.stopped` | an error has stopped the buffer, or the store of MQTT sessions; the text names the error. Only a new start of the broker helps | |
            | `messages.dropped` | messages were lost, once a minute at most | a count for each reason |
            | `devices.refused` | clients or publishes were refused, or connections closed for what clients did, once a minute at most | `clients`, `publishes`, of these `exceedingPublishes` (above `broker.publish.*`), `connections` |
            | `statistics` | each hour, if there is something to report | `captured` messages |
            """;

    private MetricsDoc() {}

    /** Every metric of a task and of a broker in its process, by full name. */
    static Map<String, String> names() {
        Map<String, String> names = new TreeMap<>(ofTask());
        names.putAll(ofBroker());
        return names;
    }

    private static Map<String, String> ofTask() {
        Map<String, String> names = new TreeMap<>();
        for (TaskMetric metric : TaskMetric.values()) {
            names.put(TaskMetrics.PREFIX + metric.label(), metric.description());
        }
        names.put(TaskMetrics.PREFIX + TaskMetric.RATE, TaskMetric.RATE_DESCRIPTION);
        return names;
    }

    private static Map<String, String> ofBroker() {
        Map<String, String> names = new TreeMap<>();
        for (BrokerMetric metric : BrokerMetric.values()) {
            names.put(TaskMetrics.PREFIX + metric.label(), metric.description());
        }
        names.put(TaskMetrics.PREFIX + BrokerMetric.DROPPED, BrokerMetric.DROPPED_DESCRIPTION);
        return names;
    }

    /** The documentation as Markdown. */
    static String markdown() {
        List<String> lines = new ArrayList<>();
        lines.add("## Of each task\n");
        lines.addAll(table(ofTask()));
        lines.add("\n## Of a broker in the worker\n");
        lines.addAll(table(ofBroker()));
        return INTRODUCTION + String.join("\n", lines) + "\n" + MONITORING + EVENTS;
    }

    private static List<String> table(Map<String, String> names) {
        List<String> lines = new ArrayList<>(List.of("| metric | says |", "|---|---|"));
        names.forEach((name, description) -> lines.add("| `" + name + "` | " + description + " |"));
        return lines;
    }
}
