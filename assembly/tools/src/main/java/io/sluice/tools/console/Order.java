package io.sluice.tools.console;

import io.sluice.tools.ConnectClient;
import java.util.Locale;
import java.util.function.BiConsumer;

/** What a connector can be told; the names in small letters are what the page calls them. */
enum Order {
    RESTART((connect, name) -> connect.restart(name, false)),
    PAUSE(ConnectClient::pause),
    RESUME(ConnectClient::resume),
    STOP(ConnectClient::stop),
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
