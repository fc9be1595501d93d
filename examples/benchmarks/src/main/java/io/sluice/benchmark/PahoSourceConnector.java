package io.sluice.benchmark;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.SourceConnector;

/**
 * The usual pattern of an MQTT connector, to compare with: a client subscribes to a broker and queues what comes in memory,
 * a task hands the queue to Kafka Connect.
 */
public final class PahoSourceConnector extends SourceConnector {

    private Map<String, String> properties = Map.of();

    @Override
    public String version() {
        return "1";
    }

    @Override
    public Class<? extends Task> taskClass() {
        return PahoSourceTask.class;
    }

    @Override
    public ConfigDef config() {
        return new ConfigDef();
    }

    @Override
    public void start(Map<String, String> props) {
        properties = Map.copyOf(props);
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return List.of(properties);
    }

    @Override
    public void stop() {}
}
