package io.sluice.broker.server;

import io.sluice.broker.BrokerConfig;
import io.sluice.broker.config.BrokerKeys;
import io.sluice.broker.config.BrokerSettings;
import io.sluice.broker.config.Key;
import io.sluice.broker.config.KeyValues;
import io.sluice.broker.config.Mistake;
import io.sluice.broker.config.NearestKey;
import io.sluice.broker.config.StatusKeys;
import io.sluice.buffer.BufferConfig;
import io.sluice.remote.DrainConfig;
import io.sluice.status.StatusConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The configuration of a standalone broker, as its file has it. A key is Moquette's own, or {@code sluice.} before the
 * name of the connector's key.
 *
 * @param broker the broker
 * @param drain how its buffer is served to workers on other machines, if it is
 * @param status how its status is served, if it is
 * @param unused keys of Moquette's in the file that have no effect here
 */
record ServerConfig(
        BrokerConfig broker, Optional<DrainConfig> drain, Optional<StatusConfig> status, List<String> unused) {

    private static final String NAME = "sluice-broker";

    /** How many letters of a key are taken for a slip. */
    private static final int LETTERS = 2;

    private static final Set<String> SLUICE_KEYS = ServerKeys.all().stream()
            .map(key -> ServerKeys.PREFIX + key.name())
            .collect(Collectors.toUnmodifiableSet());

    /** @throws ConfigurationException if it cannot be read or used */
    static ServerConfig read(Path path) {
        ConfigFile file = ConfigFile.read(path.toAbsolutePath());
        List<String> unused = new ArrayList<>();
        for (String key : file.keys()) {
            if (MoquetteKeys.isUnused(key)) {
                unused.add(key);
                continue;
            }
            MoquetteKeys.insteadOf(key).ifPresent(instead -> {
                throw FileSettings.wrong(
                        key, file.values().getProperty(key), "this server does not know it; instead, " + instead);
            });
            if (!SLUICE_KEYS.contains(key) && !MoquetteKeys.names().contains(key)) {
                throw new ConfigurationException(key + " in " + path + " is not a key of this broker"
                        + nearest(key).map(name -> ": is it " + name + "?").orElse(".")
                        + " doc/broker-configuration.md has them all.");
            }
        }
        FileSettings settings = sluiceKeys(
                file::text, Optional.ofNullable(file.path().getParent()).orElseThrow());
        MoquetteKeys.read(file, settings);
        refuse(new BrokerSettings(settings).check());
        refuse(StatusKeys.check(settings));
        return new ServerConfig(
                new BrokerSettings(settings).broker(NAME, Duration.ZERO, withAcknowledgement(settings)),
                ServerKeys.drain(settings),
                StatusKeys.status(settings),
                unused);
    }

    private static Optional<String> nearest(String key) {
        String ofSluice = key.startsWith(ServerKeys.PREFIX) ? key : ServerKeys.PREFIX + key;
        return NearestKey.of(key, MoquetteKeys.names(), LETTERS)
                .or(() -> NearestKey.of(ofSluice, SLUICE_KEYS, Math.max(LETTERS, key.length() / 3)));
    }

    /**
     * The settings under keys that begin with {@code sluice.}
     *
     * @param text finds the text of such a key
     * @param folder what relative paths are relative to
     */
    static FileSettings sluiceKeys(Function<String, Optional<String>> text, Path folder) {
        FileSettings settings =
                new FileSettings(folder, key -> MoquetteKeys.nameOf(key).orElse(ServerKeys.PREFIX + key.name()));
        for (Key<?> key : ServerKeys.all()) {
            String written = ServerKeys.PREFIX + key.name();
            text.apply(written).ifPresent(value -> settings.put(key, written, value));
        }
        return settings;
    }

    /** @throws ConfigurationException if a value cannot be used */
    static BufferConfig buffer(KeyValues settings) {
        refuse(new BrokerSettings(settings).checkBuffer());
        return withAcknowledgement(settings);
    }

    /** Unlike the buffer of a worker, a folder here stays where it is while tasks move. */
    private static BufferConfig withAcknowledgement(KeyValues settings) {
        BufferConfig buffer = new BrokerSettings(settings).buffer();
        return buffer.acknowledgingUnattached(settings.given(ServerKeys.ACKNOWLEDGE_UNATTACHED)
                .orElse(settings.value(BrokerKeys.STORAGE) == BrokerKeys.Storage.DISK));
    }

    private static void refuse(List<Mistake> mistakes) {
        if (!mistakes.isEmpty()) {
            throw new ConfigurationException(
                    mistakes.stream().map(Mistake::sentence).collect(Collectors.joining(" ")));
        }
    }
}
