package io.sluice.status;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds connected clients in all brokers, no more than fit on a small page. */
final class ClientsPage {

    /** Devices choose their identifiers, each up to 64 KiB. */
    private static final int MOST_CHARACTERS = 256 << 10;

    private ClientsPage() {}

    record Found(String broker, ConnectedClient client) {

        private int characters() {
            return client.clientId().length()
                    + client.username().map(String::length).orElse(0);
        }
    }

    static List<Found> some(List<ShownBroker> brokers, int limit) {
        List<Found> found = new ArrayList<>();
        int characters = 0;
        for (ShownBroker broker : brokers) {
            for (ConnectedClient client : broker.clients(limit - found.size())) {
                Found next = new Found(broker.name(), client);
                characters += next.characters();
                if (characters > MOST_CHARACTERS) {
                    return found;
                }
                found.add(next);
            }
        }
        return found;
    }

    /** The client of an identifier, if it is connected to one of the brokers. */
    static Optional<Found> of(List<ShownBroker> brokers, String clientId) {
        return brokers.stream()
                .flatMap(broker -> broker.client(clientId).stream().map(client -> new Found(broker.name(), client)))
                .findFirst();
    }
}
