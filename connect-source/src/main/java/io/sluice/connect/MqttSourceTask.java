package io.sluice.connect;

import io.sluice.broker.BrokerException;
import io.sluice.buffer.record.BufferException;
import io.sluice.connect.config.SourceConfig;
import io.sluice.connect.delivery.DeadLetterPolicy;
import io.sluice.connect.delivery.Drains;
import io.sluice.connect.delivery.GivenUp;
import io.sluice.connect.delivery.LossLog;
import io.sluice.connect.kafka.AskedPartitions;
import io.sluice.connect.route.PartitionCounts;
import io.sluice.connect.telemetry.TaskEvents;
import io.sluice.connect.telemetry.TaskTelemetry;
import io.sluice.connect.telemetry.TaskView;
import io.sluice.connect.telemetry.WorkerStatus;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;

/** Attaches to the buffers of its brokers, in this worker or elsewhere, and drains them into Kafka Connect. */
public final class MqttSourceTask extends SourceTask {

    private final Upstream.Opener upstreams;

    private @Nullable Upstream upstream;
    private @Nullable TaskTelemetry telemetry;
    private @Nullable WorkerStatus status;
    private @Nullable AskedPartitions partitions;
    private volatile @Nullable Drains drains;

    public MqttSourceTask() {
        this((config, drains) ->
                config.isRemote() ? RemoteUpstream.open(config, drains) : EmbeddedUpstream.open(config, drains));
    }

    MqttSourceTask(Upstream.Opener upstreams) {
        this.upstreams = upstreams;
    }

    @Override
    public String version() {
        return Version.get();
    }

    @Override
    public void start(Map<String, String> props) {
        String connector = SourceConfig.connectorName(props);
        int number = SourceConfig.taskNumber(props);
        TaskView view = TaskView.show(connector, number);
        TaskEvents events = TaskEvents.of(connector, number);
        try {
            // What was checked on another worker may be wrong on this one, as it lacks a file.
            SourceConfig config = SourceConfig.of(props);
            Drains begun = drains(config, events);
            drains = begun;
            status = WorkerStatus.serve(config.status(), config.connectorName(), version());
            Upstream joined = upstreams.open(config, begun);
            upstream = joined;
            begun.begin();
            TaskTelemetry shown =
                    TaskTelemetry.started(events, context, view, begun::stats, begun::stall, joined::endpoints);
            telemetry = shown;
            joined.brokerStats().ifPresent(stats -> shown.show(config.broker().name(), stats));
        } catch (RuntimeException | Error e) {
            events.failed(e);
            view.failed(e);
            if (e instanceof BrokerException || e instanceof BufferException) {
                throw new ConnectException(e.getMessage(), e);
            }
            throw e;
        }
    }

    private Drains drains(SourceConfig config, TaskEvents events) {
        LossLog losses = new LossLog(config.connectorName(), config.errorLog(), events);
        AskedPartitions asked = config.partitions().orElse(null);
        partitions = asked;
        return new Drains(
                context.offsetStorageReader(),
                config.routes(asked == null ? PartitionCounts.UNKNOWN : asked),
                config.batchLimits(),
                new DeadLetterPolicy(config.deadLetters(), config.connectionsTopic(), config.tolerance(), losses),
                new GivenUp(config.tolerance(), config.isTransformed(), config.connectorName(), config.taskNumber()),
                losses,
                events);
    }

    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        Drains running = drains;
        if (running == null) {
            throw new ConnectException("The task was not started.");
        }
        TaskTelemetry shown = telemetry;
        try {
            List<SourceRecord> records = running.poll();
            if (shown != null) {
                shown.polled();
            }
            return records.isEmpty() ? null : records;
        } catch (RuntimeException | Error e) {
            if (shown != null && !(e instanceof RetriableException)) {
                shown.failed(e);
            }
            throw e;
        }
    }

    /** Called on threads of the producer too; without metadata the record was dropped and will not reach Kafka. */
    @Override
    public void commitRecord(SourceRecord record, @Nullable RecordMetadata metadata) {
        Drains running = drains;
        if (running != null) {
            running.settled(record, metadata != null);
        }
    }

    @Override
    public void commit() {
        Drains running = drains;
        if (running != null) {
            running.committed();
        }
    }

    /** Idempotent; also after a failed start, and acknowledgements may still arrive afterwards. */
    @Override
    public void stop() {
        Drains running = drains;
        Upstream joined = upstream;
        AskedPartitions asked = partitions;
        TaskTelemetry shown = telemetry;
        WorkerStatus served = status;
        upstream = null;
        partitions = null;
        telemetry = null;
        status = null;
        // The last one is closed first, and each also if another one throws.
        try (served;
                shown;
                asked;
                joined) {
            if (running != null) {
                running.close();
            }
        }
    }
}
