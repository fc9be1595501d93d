package io.sluice.tools.cli;

import io.sluice.broker.EmbeddedBroker;
import io.sluice.buffer.record.Lanes;
import io.sluice.connect.config.SourceConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The broker of a connector, with the connector attached, in this process. */
public final class LocalBroker implements AutoCloseable {

    private final EmbeddedBroker broker;

    /**
     * Starts it.
     *
     * @param connector the connector's name, under which the buffer keeps messages
     * @param dir its buffer's folder
     */
    public LocalBroker(String connector, Path dir) {
        Map<String, String> settings = new HashMap<>();
        settings.put("name", connector);
        settings.put("broker.name", dir.toString());
        settings.put("broker.listeners", "tcp://127.0.0.1:0");
        settings.put("broker.linger.ms", "0");
        settings.put("buffer.dir", dir.toString());
        settings.put("topic.filters", "sensors/#");
        SourceConfig config = SourceConfig.of(settings);
        broker = EmbeddedBroker.acquire(config.broker(), buffer -> buffer.attach(config.consumer(Lanes.ALL)));
    }

    public String address() {
        return "mqtt://127.0.0.1:" + broker.listeners().get(0).port();
    }

    @Override
    public void close() {
        broker.close();
    }
}
