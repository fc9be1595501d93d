package io.sluice.connect;

import io.sluice.broker.BrokerException;
import io.sluice.buffer.BufferConsumer;
import io.sluice.buffer.BufferException;
import io.sluice.connect.config.SourceConfig;
import io.sluice.connect.delivery.Drain;
import io.sluice.connect.delivery.LossLog;
import io.sluice.connect.delivery.Refusals;
import io.sluice.connect.delivery.Resume;
import io.sluice.connect.delivery.SourceOffsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;

/** Joins a broker, attaches to its buffer, and drains it into Kafka Connect. */
public final class MqttSourceTask extends SourceTask {

    private final Function<SourceConfig, Upstream> upstreams;

    private @Nullable Upstream upstream;
    private volatile @Nullable Drain drain;

    /** For Kafka Connect. */
    public MqttSourceTask() {
        this(Upstream::embedded);
    }

    /** A task that gets its messages from elsewhere. */
    MqttSourceTask(Function<SourceConfig, Upstream> upstreams) {
        this.upstreams = upstreams;
    }

    @Override
    public String version() {
        return Version.get();
    }

    @Override
    public void start(Map<String, String> props) {
        SourceConfig config = SourceConfig.of(props);
        try {
            Upstream joined = upstreams.apply(config);
            upstream = joined;
            drain = drain(config, joined.buffer());
        } catch (BrokerException | BufferException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    private Drain drain(SourceConfig config, BufferConsumer buffer) {
        SourceOffsets offsets = new SourceOffsets(buffer.bufferId(), buffer.run());
        Resume resume = Resume.of(buffer, offsets.read(context.offsetStorageReader(), buffer.lanes()));
        LossLog losses = new LossLog(config.connectorName(), config.errorLog());
        Refusals refusals = new Refusals(config.deadLetters(), config.tolerance(), losses);
        return new Drain(buffer, resume, offsets, config.routes(), config.batchLimits(), refusals, losses);
    }

    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        Drain running = drain;
        if (running == null) {
            throw new ConnectException("The task was not started.");
        }
        List<SourceRecord> records = running.poll();
        return records.isEmpty() ? null : records;
    }

    /** Called on threads of the producer too; without metadata the record was dropped and will not reach Kafka. */
    @Override
    public void commitRecord(SourceRecord record, @Nullable RecordMetadata metadata) {
        Drain running = drain;
        if (running != null) {
            running.settled(record, metadata != null);
        }
    }

    @Override
    public void commit() {
        Drain running = drain;
        if (running != null) {
            running.committed();
        }
    }

    /** Idempotent; also after a failed start, and acknowledgements may still arrive afterwards. */
    @Override
    public void stop() {
        Upstream joined = upstream;
        upstream = null;
        if (joined == null) {
            return;
        }
        Drain running = drain;
        try {
            if (running != null) {
                running.close();
            } else {
                joined.buffer().close();
            }
        } finally {
            joined.leave().run();
        }
    }
}
