package io.sluice.benchmark;

import org.apache.kafka.connect.connector.Task;

/** What Kafka Connect itself can take: a source whose records cost nothing. */
public final class ReadyMadeSourceConnector extends OneTaskConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return ReadyMadeSourceTask.class;
    }
}
