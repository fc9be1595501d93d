package io.sluice.tools;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;

/** What a Connect worker answers, or what stands in its place does, in sentences. */
record WorkerSentences(URI worker) {

    private static final Pattern TITLE = Pattern.compile("(?is)<title[^>]*>\\s*(.*?)\\s*</title>");
    private static final Pattern NO_PLUGIN = Pattern.compile(
            "(?s).*Failed to find any class that implements Connector and which name matches ([^,]+),.*");
    private static final Pattern CONNECTOR = Pattern.compile("/connectors/([^/?]+).*");
    /** Percent, slash and backslash, which a worker of Kafka Connect 4 takes in no path. */
    private static final Pattern UNKNOWN_TO_WORKER = Pattern.compile("/connectors/[^/?]*%(25|2F|5C).*");

    private static final String INVALID = "Connector configuration is invalid";

    ToolException noAnswer(String reason, Exception cause) {
        return ToolException.unreachable(
                "The Connect worker at " + worker + " does not answer: " + reason
                        + ". Another address is given with --worker, SLUICE_WORKER or a context.",
                cause);
    }

    /** Why a request did not reach anybody. */
    static String reason(ExecutionException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
                return "its host name is not known";
            }
            if (cause instanceof SSLException) {
                return "TLS failed, " + cause.getMessage();
            }
        }
        Throwable failure = Optional.ofNullable(e.getCause()).orElse(e);
        if (failure instanceof ConnectException) {
            return "nothing listens there";
        }
        return Optional.ofNullable(failure.getMessage())
                .orElse(failure.getClass().getSimpleName());
    }

    ToolException noWorker(int status, String body) {
        return ToolException.failed("What answers at " + worker + " is not a Connect worker: it sends HTTP " + status
                + " with " + described(body) + ".");
    }

    /** A login must not go to a host that nobody named. */
    ToolException redirect(int status, String address) {
        return ToolException.failed("What answers at " + worker + " points to " + Secrets.addressShown(address)
                + " (HTTP " + status + "); if that is your worker, give its address with --worker.");
    }

    WorkerRefusal refusal(int status, String path, Optional<JsonNode> answer, String body) {
        Optional<String> message = answer.filter(json -> json.has("error_code"))
                .map(json -> json.path("message").asText())
                .filter(text -> !text.isBlank());
        if (status == 401 || (status == 403 && message.isEmpty())) {
            return new WorkerRefusal(
                    status,
                    false,
                    "The worker at " + worker + " does not let you in (HTTP " + status
                            + "); give user and password with --worker-login env:NAME or file:PATH.");
        }
        if (status == 400
                && message.isEmpty()
                && UNKNOWN_TO_WORKER.matcher(path).matches()) {
            return new WorkerRefusal(
                    status,
                    false,
                    "The worker at " + worker + " takes no request for the connector " + name(path)
                            + ": from Kafka Connect 4 on, a connector's name must not have %, / or \\.");
        }
        if (message.isEmpty()) {
            return new WorkerRefusal(
                    status,
                    false,
                    "What answers at " + worker + " refuses with HTTP " + status + " and " + described(body)
                            + "; that is not what a Connect worker says, so look at what stands in front of it.");
        }
        if (status == 404 && CONNECTOR.matcher(path).matches()) {
            return noConnector(name(path));
        }
        return new WorkerRefusal(status, true, sentence(message.get()));
    }

    private static String name(String path) {
        return URLDecoder.decode(CONNECTOR.matcher(path).replaceFirst("$1"), StandardCharsets.UTF_8);
    }

    WorkerRefusal noConnector(String name) {
        return new WorkerRefusal(
                404, true, "The worker has no connector " + name + "; `sluice connector list` shows those it has.");
    }

    private static String sentence(String message) {
        Matcher missing = NO_PLUGIN.matcher(message);
        if (missing.matches()) {
            return "The worker has no plugin " + missing.group(1)
                    + "; unpack the archive into a folder of its plugin.path, and restart it.";
        }
        if (message.startsWith(INVALID)) {
            return message.lines()
                    .filter(line ->
                            !line.startsWith(INVALID) && !line.startsWith("You can also find") && !line.isBlank())
                    .map(line -> "\n  " + line)
                    .collect(Collectors.joining("", "The worker does not take the configuration:", ""));
        }
        return "The worker refuses: " + message;
    }

    private static String described(String body) {
        Matcher title = TITLE.matcher(body);
        if (title.find()) {
            return "a page, \"" + title.group(1).replaceAll("\\s+", " ") + "\"";
        }
        return body.isBlank() ? "no text" : "text that is not JSON";
    }
}
