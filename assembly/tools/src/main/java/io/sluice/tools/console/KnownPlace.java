package io.sluice.tools.console;

import io.sluice.tools.ConnectClient;
import io.sluice.tools.Context;
import io.sluice.tools.Setting;
import io.sluice.tools.Settings;
import io.sluice.tools.Settings.Found;
import io.sluice.tools.StatusClient;
import io.sluice.tools.kafka.KafkaView;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A worker, a Kafka and a broker that belong together: a context, as the command line knows it. Thread-safe. */
final class KnownPlace {

    private final String name;
    private final Settings settings;
    private Optional<ConnectClient> client = Optional.empty();
    private List<StatusClient> listeners = List.of();

    KnownPlace(String name, Settings settings) {
        this.name = name;
        this.settings = settings;
    }

    String name() {
        return name;
    }

    String workerAddress() {
        return value(Setting.WORKER).orElse("");
    }

    /** The host that the worker's address names. */
    String workerHost() {
        return Optional.ofNullable(URI.create(workerAddress()).getHost()).orElse("localhost");
    }

    /** The worker; it is the same client each time. */
    synchronized ConnectClient connect() {
        ConnectClient known = client.orElseGet(() -> ConnectClient.at(
                workerAddress(),
                value(Setting.WORKER_LOGIN).map(settings::secret),
                value(Setting.WORKER_CA).map(Path::of),
                sentence -> {}));
        client = Optional.of(known);
        return known;
    }

    String status() {
        return value(Setting.STATUS).orElse("");
    }

    String kafka() {
        return value(Setting.KAFKA).orElse("");
    }

    Map<String, String> kafkaSettings() {
        return value(Setting.KAFKA_CONFIG).map(KafkaView::settings).orElse(Map.of());
    }

    String broker() {
        return value(Setting.BROKER).orElse("");
    }

    /** User and password, with a colon between them, for the broker that the context names. */
    Optional<String> brokerLogin() {
        return value(Setting.BROKER_LOGIN).map(settings::secret);
    }

    /** The status listeners; they are the same clients each time. */
    synchronized List<StatusClient> listeners() {
        if (listeners.isEmpty() && !status().isBlank()) {
            Optional<String> token = value(Setting.STATUS_TOKEN).map(settings::secret);
            listeners = StatusClient.addresses(status()).stream()
                    .map(address -> new StatusClient(address, token))
                    .toList();
        }
        return listeners;
    }

    Map<String, String> connectorSettings() {
        return settings.context().connectorSettings();
    }

    boolean is(Context context) {
        return settings.context().equals(context);
    }

    private Optional<String> value(Setting setting) {
        return settings.find(setting, Optional.empty()).map(Found::value);
    }
}
