package io.sluice.connect;

import io.sluice.connect.config.SourceConfig;
import io.sluice.connect.delivery.SourceOffsets;
import io.sluice.connect.telemetry.ConnectorEvents;
import io.sluice.connect.telemetry.WorkerStatus;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;
import org.jspecify.annotations.Nullable;

/**
 * Moves MQTT messages into Kafka and loses none.
 *
 * <p>The connector checks its configuration and hands it on; {@link MqttSourceTask} does the work.
 */
public final class MqttSourceConnector extends SourceConnector {

    private static final String SMALL_BATCHES =
            "producer.override.batch.size is not set, and with the producer's 16 KiB a task delivers half as many messages a"
                    + " second, or less: set producer.override.batch.size to 262144 and producer.override.buffer.memory to"
                    + " 8388608, as doc/tuning.md says.";

    private @Nullable SourceConfig config;
    private @Nullable WorkerStatus status;

    @Override
    public String version() {
        return Version.get();
    }

    @Override
    public Class<? extends Task> taskClass() {
        return MqttSourceTask.class;
    }

    @Override
    public ConfigDef config() {
        return SourceConfig.definition();
    }

    @Override
    public Config validate(Map<String, String> connectorConfigs) {
        return new Config(SourceConfig.check(connectorConfigs));
    }

    @Override
    public void start(Map<String, String> props) {
        SourceConfig started = SourceConfig.of(props);
        config = started;
        ConnectorEvents events = ConnectorEvents.shared();
        try {
            // The connector serves the status as its tasks do, so that the state of a failed task can be read as long
            // as the connector runs.
            status = WorkerStatus.serve(started.status(), started.connectorName(), version());
        } catch (ConnectException e) {
            // After a change of status.* the old tasks still serve it as it was. New ones refuse what stays wrong.
            events.warned(started.connectorName(), e.getMessage() + ".");
        }
        try {
            tell(events, started);
        } catch (RuntimeException | Error e) {
            // Kafka Connect does not stop what it could not start.
            stop();
            throw e;
        }
    }

    private static void tell(ConnectorEvents events, SourceConfig started) {
        events.started(started.connectorName(), started.written());
        started.checkKafka(warning -> events.warned(started.connectorName(), warning));
        started.uncreatedDeadLetterTopic()
                .ifPresent(topic -> events.advised(started.connectorName(), noTopicsCreated(topic)));
        if (started.hasSmallBatches()) {
            events.advised(started.connectorName(), SMALL_BATCHES);
        }
    }

    private static String noTopicsCreated(String deadLetters) {
        return "topic.creation.* is not set, so that Kafka Connect creates no topics: see that those of this connector exist,"
                + " and with them " + deadLetters + ", or set topic.creation.default.partitions and"
                + " topic.creation.default.replication.factor. A record for a topic that is missing holds up all after it,"
                + " unless Kafka creates topics by itself (auto.create.topics.enable).";
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        SourceConfig started = config;
        if (started == null) {
            throw new ConnectException("The connector was not started.");
        }
        return started.taskConfigs(maxTasks);
    }

    @Override
    public void stop() {
        WorkerStatus served = status;
        status = null;
        if (served != null) {
            served.close();
        }
    }

    /** Supported if messages, and so the positions that name them, outlive the worker (KIP-618). */
    @Override
    public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> connectorConfig) {
        return SourceConfig.isOnDisk(connectorConfig) ? ExactlyOnceSupport.SUPPORTED : ExactlyOnceSupport.UNSUPPORTED;
    }

    @Override
    public ConnectorTransactionBoundaries canDefineTransactionBoundaries(Map<String, String> connectorConfig) {
        return ConnectorTransactionBoundaries.UNSUPPORTED;
    }

    /**
     * Checks offsets that an operator sets (KIP-875). They take effect when the task starts and finds them.
     *
     * @throws org.apache.kafka.connect.errors.ConnectException with one sentence for the first mistake
     */
    @Override
    public boolean alterOffsets(Map<String, String> connectorConfig, Map<Map<String, ?>, Map<String, ?>> offsets) {
        offsets.forEach(SourceOffsets::check);
        return true;
    }
}
