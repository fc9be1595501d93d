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
     * A client.
     *
     * @param username its user name, or null
     * @param address where it comes from
     * @param protocol 3.1, 3.1.1 or 5
     * @param connectedAt when it was let in
     * @param queued messages that wait for it
     * @param transport tcp, ssl, ws or wss
     * @param broker the broker that it is connected to
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
