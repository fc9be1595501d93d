package io.sluice.tools.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.sluice.tools.Shell;
import io.sluice.tools.ToolException;
import io.sluice.tools.mqtt.BrokerAddress;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The brokers that a client of the console can connect to: the one that the context names, and the listeners of the
 * connectors that the context's worker runs. A page chooses among them; it cannot name another one.
 *
 * @param place the context
 * @param all addresses with what to call them, the context's own first
 */
record ReachableBrokers(KnownPlace place, Map<String, String> all) {

    private static final Set<String> EVERYWHERE = Set.of("0.0.0.0", "[::]");

    static ReachableBrokers of(KnownPlace place) {
        Map<String, String> all = new LinkedHashMap<>();
        if (!place.broker().isEmpty()) {
            all.put(BrokerAddress.parse(place.broker()).toString(), "of the context " + place.name());
        }
        try {
            place.connect().connectors().properties().forEach(connector -> {
                JsonNode config = connector.getValue().path("info").path("config");
                if (config.path("connector.class").asText().endsWith(".MqttSourceConnector")
                        && !config.path("broker.mode").asText().equals("remote")) {
                    String listeners = config.path("broker.listeners").asText("tcp://127.0.0.1:1883");
                    for (String listener : listeners.split(",", -1)) {
                        address(place, listener.strip())
                                .ifPresent(address -> all.putIfAbsent(address, "of " + connector.getKey()));
                    }
                }
            });
        } catch (ToolException e) {
            // A worker that is away leaves the context's own.
        }
        return new ReachableBrokers(place, all);
    }

    private static Optional<String> address(KnownPlace place, String listener) {
        try {
            URI uri = URI.create(listener);
            if (uri.getHost() == null || uri.getPort() == 0) {
                return Optional.empty();
            }
            String host = EVERYWHERE.contains(uri.getHost()) ? place.workerHost() : uri.getHost();
            return Optional.of(BrokerAddress.parse(uri.getScheme() + "://" + host + ":" + uri.getPort())
                    .toString());
        } catch (IllegalArgumentException | ToolException e) {
            return Optional.empty();
        }
    }

    BrokerAddress get(String address) {
        if (!all.containsKey(address)) {
            throw new CallRefused(
                    422,
                    "The broker " + address + " is neither the context's nor one of its worker's; `sluice context set "
                            + Shell.quoted(place.name()) + " --broker URL` names one.");
        }
        return BrokerAddress.parse(address);
    }

    /** Whether it is the one whose login the context has. */
    boolean isOfContext(BrokerAddress address) {
        return !place.broker().isEmpty()
                && BrokerAddress.parse(place.broker()).toString().equals(address.toString());
    }

    JsonNode json() {
        ArrayNode brokers = Call.JSON.createArrayNode();
        all.forEach(
                (address, title) -> brokers.addObject().put("address", address).put("title", title));
        return brokers;
    }
}
