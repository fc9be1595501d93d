package io.sluice.broker.config;

import io.sluice.broker.config.Key.Importance;
import io.sluice.status.StatusAddress;
import io.sluice.status.StatusConfig;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import io.sluice.tls.TlsConfig.Secret;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The keys that say where the status of a process is served, and to whom: of a connector, and of the standalone broker. */
public final class StatusKeys {

    /** Where the status is served, and to whom. */
    public static final String STATUS = "Status";

    public static final Key<StatusAddress> LISTENER = new Key<>(
            "status.listener",
            STATUS,
            "Listener",
            Importance.MEDIUM,
            new KeyType.Parsed<>("a URI such as http://127.0.0.1:9404", StatusAddress::of),
            Optional.empty(),
            "Address at which this process serves its status over HTTP: `/health`, `/health/live` and `/health/ready`"
                    + " for probes, `/metrics` for Prometheus, `/v1/status`, `/v1/events` and `/v1/clients` as JSON."
                    + " `http://host:port`, or `https://host:port` for TLS; if other machines can reach it, it must be"
                    + " `https`, and a token file must say who may ask. With port 0 it takes a free port, and logs it."
                    + " Connectors of one worker that name the same address share it. Unset: the process does not serve"
                    + " its status.");

    private static final Key<Path> TOKEN_FILE = new Key<>(
            "status.token.file",
            STATUS,
            "Token file",
            Importance.MEDIUM,
            KeyType.Location.FILE,
            Optional.empty(),
            "File with a token of at least 16 printable characters in each line. Callers send one of them as"
                    + " `Authorization: Bearer TOKEN`. The process reads the file again when it changes. A caller"
                    + " without a token sees only up or down, at `/health` and below it.");

    private static final StoreKeys KEY_STORE = StoreKeys.keyStore(
            "status.ssl",
            STATUS,
            Importance.MEDIUM,
            "File of the listener's certificate and private key; the process reads it again when it changes.");

    private static final Key<Secret> KEY_PASSWORD = StoreKeys.keyPassword("status.ssl", STATUS);

    private static final Key<Boolean> ALLOW_DISCONNECT = new Key<>(
            "status.allow.disconnect",
            STATUS,
            "Allow disconnecting",
            Importance.LOW,
            new KeyType.Flag(),
            Optional.of(false),
            "Whether a caller with a token may disconnect an MQTT client, with `DELETE /v1/clients/ID`. This listener"
                    + " allows no other change.");

    private StatusKeys() {}

    /** All of them, in the order in which they are shown. */
    public static List<Key<?>> all() {
        return Stream.of(List.of(LISTENER, TOKEN_FILE), KEY_STORE.all(), List.of(KEY_PASSWORD, ALLOW_DISCONNECT))
                .<Key<?>>flatMap(List::stream)
                .toList();
    }

    /** The keys that have an effect only on a listener with TLS. */
    public static List<Key<?>> ofTls() {
        return Stream.of(KEY_STORE.all(), List.of(KEY_PASSWORD))
                .<Key<?>>flatMap(List::stream)
                .toList();
    }

    /** Mistakes across keys; the type of a key finds mistakes in its value alone. */
    public static List<Mistake> check(KeyValues settings) {
        if (settings.isAbsent(LISTENER)) {
            return withoutListener(settings);
        }
        List<Mistake> mistakes = new ArrayList<>();
        KEY_STORE.check(settings).ifPresent(mistakes::add);
        settings.given(LISTENER).ifPresent(listener -> check(settings, listener, mistakes));
        if (settings.given(ALLOW_DISCONNECT).orElse(false) && settings.isAbsent(TOKEN_FILE)) {
            mistakes.add(settings.mistake(
                    TOKEN_FILE,
                    " is not set: with " + settings.assignment(ALLOW_DISCONNECT, "true")
                            + " it must say who may disconnect clients."));
        }
        return mistakes;
    }

    private static List<Mistake> withoutListener(KeyValues settings) {
        return all().stream()
                .filter(key -> !settings.isAbsent(key) && !isByDefault(settings, key))
                .findFirst()
                .map(key -> settings.mistake(
                        key,
                        " is set, and has no effect as long as " + settings.name(LISTENER)
                                + " does not say where the status is served: set that too, or leave out both."))
                .stream()
                .toList();
    }

    private static <T> boolean isByDefault(KeyValues settings, Key<T> key) {
        return key.byDefault().isPresent() && settings.given(key).equals(key.byDefault());
    }

    private static void check(KeyValues settings, StatusAddress listener, List<Mistake> mistakes) {
        if (listener.encrypted() && settings.isAbsent(KEY_STORE.location())) {
            mistakes.add(settings.mistake(
                    KEY_STORE.location(),
                    " is not set: the listener " + listener
                            + " needs a key store with its certificate and private key."));
        } else if (!listener.encrypted() && !settings.isAbsent(KEY_STORE.location())) {
            mistakes.add(settings.mistake(
                    KEY_STORE.location(),
                    " has no effect, as the listener " + listener
                            + " speaks no TLS: write https:// there, or leave it out."));
        }
        if (!listener.isLoopback() && (!listener.encrypted() || settings.isAbsent(TOKEN_FILE))) {
            mistakes.add(settings.mistake(
                    LISTENER,
                    " is '" + listener + "', which other machines can reach: it must be an https:// listener, and "
                            + settings.name(TOKEN_FILE) + " must say who may ask."));
        }
    }

    /** How the status is served, if {@link #check} finds nothing; empty if it is not. */
    public static Optional<StatusConfig> status(KeyValues settings) {
        return settings.given(LISTENER)
                .map(listener -> new StatusConfig(
                        listener,
                        KEY_STORE
                                .store(settings)
                                .map(keys -> new TlsConfig(
                                        keys, settings.given(KEY_PASSWORD), Optional.empty(), ClientAuth.NONE)),
                        settings.given(TOKEN_FILE),
                        settings.value(ALLOW_DISCONNECT)));
    }
}
