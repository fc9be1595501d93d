package io.sluice.status;

import java.util.List;
import java.util.Optional;

/** A broker that the status shows. Thread-safe; every answer is cheap and waits for no disk and no client. */
public interface ShownBroker {

    String name();

    BrokerStatus status();

    /** Why only a new start of the broker helps, in one sentence; empty: it needs none. Takes no lock. */
    Optional<String> failure();

    List<Sample> samples();

    /** Some of the clients that are connected, at most so many. */
    List<ConnectedClient> clients(int limit);

    /** The client of an identifier, if it is connected. */
    Optional<ConnectedClient> client(String clientId);

    /**
     * Disconnects a client; its session stays.
     *
     * @return false if it is not connected
     */
    boolean disconnect(String clientId);
}
