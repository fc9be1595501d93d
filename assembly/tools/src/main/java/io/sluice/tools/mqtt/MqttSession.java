package io.sluice.tools.mqtt;

import com.hivemq.client.mqtt.MqttClientTransportConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfigBuilder;
import com.hivemq.client.mqtt.MqttWebSocketConfig;
import com.hivemq.client.mqtt.exceptions.ConnectionFailedException;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import io.sluice.tools.ExitCode;
import io.sluice.tools.ToolException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A client's connection to a broker, which begins a session anew. One thread uses it.
 *
 * <p>Methods throw {@link ToolException} with a sentence if the broker refuses, or the connection is lost.
 */
public sealed interface MqttSession extends AutoCloseable permits MqttFive, MqttThree {

    /** How long a broker may take to accept a connection. */
    Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /**
     * Connects.
     *
     * @throws ToolException if nobody answers within ten seconds, or the broker refuses
     */
    static MqttSession connect(MqttLogin login) {
        try {
            return login.version() == 3 ? MqttThree.connect(login) : MqttFive.connect(login);
        } catch (ConnectionFailedException e) {
            throw new ToolException(
                    ExitCode.UNREACHABLE,
                    "The broker at " + login.broker() + " does not answer: " + reason(e)
                            + ". Another address is given with --broker, SLUICE_BROKER or a context.",
                    e);
        } catch (Mqtt5ConnAckException e) {
            throw refused(login, e.getMqttMessage().getReasonCode().name(), e);
        } catch (Mqtt3ConnAckException e) {
            throw refused(login, e.getMqttMessage().getReturnCode().name(), e);
        }
    }

    private static ToolException refused(MqttLogin login, String reason, Exception cause) {
        return new ToolException(
                ExitCode.FAILED, "The broker at " + login.broker() + " refuses the connection: " + reason + ".", cause);
    }

    private static String reason(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return "its host name is not known";
            }
            if (cause instanceof ConnectException) {
                return "nothing listens there";
            }
        }
        Throwable last = failure.getCause() == null ? failure : failure.getCause();
        return Optional.ofNullable(last.getMessage()).orElse(last.toString());
    }

    /** How the two versions reach their broker. */
    @SuppressWarnings("CheckReturnValue") // builders change in place
    static MqttClientTransportConfig transport(MqttLogin login) {
        MqttClientTransportConfigBuilder transport = MqttClientTransportConfig.builder()
                .serverHost(login.broker().host())
                .serverPort(login.broker().port())
                .socketConnectTimeout(CONNECT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .mqttConnectTimeout(CONNECT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        if (login.broker().tls()) {
            transport.sslConfig(Tls.of(login));
        }
        login.broker()
                .webSocketPath()
                .ifPresent(path -> transport.webSocketConfig(
                        MqttWebSocketConfig.builder().serverPath(path).build()));
        return transport.build();
    }

    /** What is said when a broker is silent. */
    static ToolException notAcknowledged(MqttMessage message, Duration patience, Exception cause) {
        return new ToolException(
                ExitCode.TIMED_OUT,
                "The broker has not acknowledged the message to " + message.topic() + " within " + patience.toSeconds()
                        + " s; it may have kept it, and a broker that no connector drains acknowledges nothing.",
                cause);
    }

    /** Publishes a message, and waits so long until the broker has acknowledged it, unless its QoS is 0. */
    void publish(MqttMessage message, Duration patience);

    /** Subscribes to filters. */
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
