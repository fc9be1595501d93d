package io.sluice.benchmark;

import org.apache.kafka.connect.connector.Task;

/**
 * The usual pattern of an MQTT connector, to compare with: a client subscribes to a broker and queues what comes in memory,
 * a task hands the queue to Kafka Connect.
 */
public final class PahoSourceConnector extends OneTaskConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return PahoSourceTask.class;
    }
}
