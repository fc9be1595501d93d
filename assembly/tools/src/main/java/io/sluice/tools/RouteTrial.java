package io.sluice.tools;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.connect.config.SourceConfig;
import io.sluice.connect.format.AliasNames;
import io.sluice.connect.format.MessageId;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.route.DeadLetters;
import io.sluice.connect.route.MessageFields;
import io.sluice.connect.route.Route;
import io.sluice.connect.route.RoutedRecord;
import io.sluice.message.Message;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * What a connector's routes make of a message: the connector's own routes, without a worker, a broker or a Kafka.
 *
 * <p>One thread uses it.
 */
public final class RouteTrial {

    private static final MessageId NOWHERE = new MessageId("trial", 0);

    private final SourceConfig config;

    private RouteTrial(SourceConfig config) {
        this.config = config;
    }

    /**
     * The trial of a connector's routes.
     *
     * @throws ToolException if its configuration is not valid
     */
    public static RouteTrial of(Connector connector) {
        Map<String, String> routes = new TreeMap<>(connector.named());
        // Where the broker is and what it keeps is of no account here, and may not be there on this machine.
        routes.keySet()
                .removeIf(
                        key -> (key.startsWith("broker.") || key.startsWith("buffer.")) && !key.equals("broker.name"));
        routes.put("buffer.storage", "memory");
        try {
            return new RouteTrial(SourceConfig.of(routes));
        } catch (ConfigException e) {
            throw new ToolException(
                    ExitCode.FOUND, connector.name() + " is not configured right: " + e.getMessage(), e);
        }
    }

    /**
     * What is wrong with a connector's configuration, by key, as far as this machine can tell.
     *
     * @return a sentence for each mistake, under the key that it is about
     */
    public static Map<String, List<String>> mistakes(Connector connector) {
        Map<String, List<String>> mistakes = new TreeMap<>();
        SourceConfig.check(connector.named()).stream()
                .filter(value -> !value.errorMessages().isEmpty())
                .forEach(value -> mistakes.put(value.name(), value.errorMessages()));
        return mistakes;
    }

    public List<String> filters() {
        return config.routes().filters().stream().map(Object::toString).toList();
    }

    /**
     * What one route makes of a message, or of an element of its payload.
     *
     * @param record the record, or the dead letter; empty if the route leaves the message out, or there are no dead letters
     * @param reason why there is no record; empty if there is one
     */
    public record Made(String route, Optional<RoutedRecord> record, Optional<String> reason) {

        /** As JSON: {@code result} is {@code record}, {@code dead letter} or {@code left out}. */
        public ObjectNode json(String connector) {
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put("connector", connector)
                    .put("route", route);
            String failed = record.isEmpty() ? "left out" : "dead letter";
            json.put("result", reason.isEmpty() ? "record" : failed);
            reason.ifPresent(why -> json.put("reason", why));
            record.ifPresent(made -> put(json, made));
            return json;
        }

        private static void put(ObjectNode json, RoutedRecord record) {
            json.put("topic", record.topic());
            record.partition().ifPresent(partition -> json.put("partition", partition));
            record.key().ifPresentOrElse(key -> put(json, "key", key.value()), () -> json.putNull("key"));
            put(json, "value", record.value().value());
            ArrayNode headers = json.putArray("headers");
            record.headers()
                    .forEach(header -> put(headers.addObject().put("name", header.key()), "value", header.value()));
        }

        private static void put(ObjectNode json, String field, @Nullable Object value) {
            if (value instanceof byte[] bytes) {
                Payloads.put(json, field, bytes);
            } else {
                json.put(field, value == null ? null : value.toString());
            }
        }
    }

    /** What each route that takes the message's topic makes of it, by name. */
    public List<Made> make(Message message) {
        MessageFields fields = new MessageFields(message, NOWHERE, AliasNames.NONE);
        return config.routes().takers(message.topic()).stream()
                .flatMap(route -> make(route, fields).stream())
                .toList();
    }

    private List<Made> make(Route route, MessageFields fields) {
        if (route.skips(fields.message())) {
            return List.of(leftOut(
                    route,
                    "it is " + (fields.message().retained() ? "retained" : "a will") + ", which the route leaves out"));
        }
        try {
            MessageFields read = route.read(fields);
            Optional<List<MessageFields>> elements = route.split(read);
            if (elements.isEmpty()) {
                return List.of(make(route, fields, read));
            }
            return elements.get().isEmpty()
                    ? List.of(leftOut(route, "its array has no elements"))
                    : elements.get().stream()
                            .map(element -> make(route, element, element))
                            .toList();
        } catch (UnmappableException | RuntimeException e) {
            return List.of(letter(route, fields, e));
        }
    }

    /** @param came with the payload as a dead letter has it */
    private Made make(Route route, MessageFields came, MessageFields read) {
        try {
            return route.wants(read)
                    ? new Made(route.name(), Optional.of(route.map(read)), Optional.empty())
                    : leftOut(route, "its filter does not let it pass");
        } catch (UnmappableException | RuntimeException e) {
            return letter(route, came, e);
        }
    }

    private Made letter(Route route, MessageFields came, Exception e) {
        String reason = e instanceof UnmappableException ? String.valueOf(e.getMessage()) : e.toString();
        Optional<DeadLetters> letters = config.deadLetters();
        return new Made(route.name(), letters.map(each -> each.of(came, route, reason, e)), Optional.of(reason));
    }

    private static Made leftOut(Route route, String reason) {
        return new Made(route.name(), Optional.empty(), Optional.of(reason));
    }
}
