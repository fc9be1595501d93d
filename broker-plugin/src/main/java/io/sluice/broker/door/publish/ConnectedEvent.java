package io.sluice.broker.door.publish;

import io.sluice.broker.door.client.Client;
import io.sluice.buffer.Admission.Rest;
import io.sluice.buffer.AppendListener;
import io.sluice.message.ConnectionTopics;
import io.sluice.message.Message;
import java.util.List;
import java.util.Optional;

/** The event that a client has connected: the first record of a connection in the log. Belongs to its event loop. */
final class ConnectedEvent {

    private final Publishers publishers;
    private Optional<Message> event;

    /** The event of a client, if a connector wants it. */
    ConnectedEvent(Publishers publishers, Client client, boolean sessionContinues) {
        this.publishers = publishers;
        this.event = publishers.isCaptured(ConnectionTopics.of(client.id()))
                ? Optional.of(ConnectionEvents.connected(client, sessionContinues))
                : Optional.empty();
    }

    /**
     * Appends the event, unless that is done.
     *
     * @param retry called on any thread when it may be tried again
     * @return false if it must wait
     */
    boolean append(Runnable retry) {
        if (event.isPresent()) {
            Rest rest = publishers
                    .buffer
                    .append(List.of(event.get()), AppendListener.NONE)
                    .rest();
            if (rest == Rest.WAIT) {
                publishers.buffer.whenFree(retry);
                return false;
            }
            event = Optional.empty();
        }
        return true;
    }
}
