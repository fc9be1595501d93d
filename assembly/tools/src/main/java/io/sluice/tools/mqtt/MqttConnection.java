package io.sluice.tools.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttTopic;
import com.hivemq.client.mqtt.datatypes.MqttTopicFilter;
import com.hivemq.client.mqtt.exceptions.ConnectionClosedException;
import com.hivemq.client.mqtt.exceptions.ConnectionFailedException;
import com.hivemq.client.mqtt.exceptions.MqttClientStateException;
import com.hivemq.client.mqtt.exceptions.MqttDecodeException;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3MessageException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5MessageException;
import io.sluice.tools.ToolException;

/** Connects clients to brokers. */
public final class MqttConnection {

    private MqttConnection() {}

    /**
     * Connects.
     *
     * @throws ToolException if nobody answers within ten seconds, or the broker refuses
     */
    public static MqttSession connect(MqttLogin login) {
        try {
            return login.version() == 3 ? MqttThree.connect(login) : MqttFive.connect(login);
        } catch (ConnectionFailedException e) {
            throw ToolException.unreachable(
                    "The broker at " + login.broker() + " does not answer: " + BrokerAnswers.reason(e)
                            + ". Another address is given with --broker, SLUICE_BROKER or a context.",
                    e);
        } catch (Mqtt5ConnAckException e) {
            throw refused(login, e.getMqttMessage().getReasonCode().name(), e);
        } catch (Mqtt3ConnAckException e) {
            throw refused(login, e.getMqttMessage().getReturnCode().name(), e);
        } catch (IllegalArgumentException e) {
            throw ToolException.usage("The login cannot be sent: " + e.getMessage(), e);
        } catch (ConnectionClosedException
                | MqttClientStateException
                | MqttDecodeException
                | Mqtt3MessageException
                | Mqtt5MessageException e) {
            throw ToolException.unreachable(
                    "What listens at " + login.broker() + " does not answer as an MQTT broker does: "
                            + BrokerAnswers.reason(e)
                            + ". Another address is given with --broker, SLUICE_BROKER or a context.",
                    e);
        }
    }

    /**
     * Refuses what is no topic to publish to.
     *
     * @throws ToolException if it is empty, too long, or has a wildcard
     */
    public static void checkTopic(String topic) {
        try {
            MqttTopic.of(topic);
        } catch (IllegalArgumentException e) {
            throw ToolException.usage("'" + topic + "' is no topic: " + e.getMessage(), e);
        }
    }

    /**
     * Refuses what is no filter to subscribe to.
     *
     * @throws ToolException if it is empty, too long, or has a wildcard where none can be
     */
    public static void checkFilter(String filter) {
        try {
            MqttTopicFilter.of(filter);
        } catch (IllegalArgumentException e) {
            throw ToolException.usage("'" + filter + "' is no filter: " + e.getMessage(), e);
        }
    }

    private static ToolException refused(MqttLogin login, String reason, Exception cause) {
        return ToolException.failed(
                "The broker at " + login.broker() + " refuses the connection: " + reason + ".", cause);
    }
}
