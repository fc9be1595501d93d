package io.sluice.tools.mqtt;

import com.hivemq.client.mqtt.exceptions.ConnectionFailedException;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import io.sluice.tools.ExitCode;
import io.sluice.tools.ToolException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Optional;

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
}
