package io.sluice.tools.console;

import io.sluice.tools.ConnectClient;
import java.util.Locale;
import java.util.function.BiConsumer;

/** What a connector can be told; the names in small letters are what the page calls them. */
enum Order {
    /** Starts it and its tasks again. */
    RESTART((connect, name) -> connect.restart(name, false)),
    /** Lets it rest. */
    PAUSE(ConnectClient::pause),
    /** Lets it go on. */
    RESUME(ConnectClient::resume),
    /** Ends its tasks. */
    STOP(ConnectClient::stop),
    /** Forgets it. */
    DELETE(ConnectClient::delete);

    @SuppressWarnings("Immutable") // references to methods, and nothing else
    private final BiConsumer<ConnectClient, String> call;

    Order(BiConsumer<ConnectClient, String> call) {
        this.call = call;
    }

    void give(ConnectClient connect, String connector) {
        call.accept(connect, connector);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
