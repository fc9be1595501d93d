package io.sluice.tools.mqtt;

import io.sluice.tools.ToolException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A client's connection to a broker, which begins a session anew. One thread uses it.
 *
 * <p>Methods throw {@link ToolException} with a sentence if the broker refuses, or the connection is lost.
 */
public interface MqttSession extends AutoCloseable {

    /** Publishes a message, and waits so long until the broker has acknowledged it, unless its QoS is 0. */
    void publish(MqttMessage message, Duration patience);

    void subscribe(List<String> filters, int qos);

    /**
     * The next message, or nothing if none comes in that time.
     *
     * @throws ToolException if the connection is lost
     */
    Optional<MqttMessage> receive(Duration patience);

    /** Disconnects; no will is published. */
    @Override
    void close();
}
