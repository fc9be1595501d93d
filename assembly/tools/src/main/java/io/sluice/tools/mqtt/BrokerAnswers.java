package io.sluice.tools.mqtt;

import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubRecException;
import io.sluice.tools.ExitCode;
import io.sluice.tools.ToolException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What a broker answers, or fails to, as sentences. Stateless. */
final class BrokerAnswers {

    private BrokerAnswers() {}

    /** @throws ToolException if it refuses the message, sends nothing in time, or the connection is lost */
    static void await(CompletableFuture<?> acknowledgement, MqttMessage message, Duration patience) {
        try {
            acknowledgement.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new ToolException(
                    ExitCode.TIMED_OUT,
                    "The broker has not acknowledged the message to " + message.topic() + " within "
                            + patience.toSeconds()
                            + " s; it may have kept it, and a broker that no connector drains acknowledges nothing.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw lost(e);
        } catch (ExecutionException e) {
            Throwable failure = Optional.ofNullable(e.getCause()).orElse(e);
            throw refusal(failure)
                    .map(reason -> ToolException.failed(
                            "The broker refuses the message to " + message.topic() + ": " + reason + ".", failure))
                    .orElseGet(() -> lost(failure));
        }
    }

    /** The broker's reason, if a failure is its refusal, which MQTT 3.1.1 does not have. */
    private static Optional<String> refusal(Throwable failure) {
        if (failure instanceof Mqtt5PubAckException refusal) {
            return Optional.of(refusal.getMqttMessage().getReasonCode().name());
        }
        return failure instanceof Mqtt5PubRecException refusal
                ? Optional.of(refusal.getMqttMessage().getReasonCode().name())
                : Optional.empty();
    }

    /** @param codes what SUBACK says of each filter */
    static ToolException refused(List<String> filters, List<?> codes, Exception cause) {
        return ToolException.failed(
                "The broker refuses the subscription to " + String.join(", ", filters) + ": " + codes + ".", cause);
    }

    static ToolException lost(Throwable cause) {
        return ToolException.failed("The connection to the broker is lost: " + reason(cause) + ".", cause);
    }

    /** Why something failed, without a full stop. */
    static String reason(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return "its host name is not known";
            }
            if (cause instanceof ConnectException) {
                return "nothing listens there";
            }
        }
        Throwable last = failure.getCause() == null ? failure : failure.getCause();
        return Optional.ofNullable(last.getMessage()).orElse(last.toString()).replaceFirst("\\.$", "");
    }
}
