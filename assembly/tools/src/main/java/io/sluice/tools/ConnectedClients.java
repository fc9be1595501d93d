package io.sluice.tools;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Some of the MQTT clients that are connected to the brokers of a process. */
public record ConnectedClients(long total, List<Client> clients) {

    /** Refuses what another program answers, which has other fields. */
    public ConnectedClients {
        Objects.requireNonNull(clients);
    }

    /**
     * A client, as the status listener tells of it.
     *
     * @param username its user name, or null
     * @param protocol 3.1, 3.1.1 or 5
     * @param queued messages that wait for it
     * @param transport tcp, ssl, ws or wss
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Client(
            String clientId,
            @Nullable String username,
            String address,
            String protocol,
            String connectedAt,
            int queued,
            String transport,
            String broker) {}
}
