package io.sluice.connect.config;

import io.sluice.broker.BrokerConfig;
import io.sluice.broker.config.BrokerKeys;
import io.sluice.broker.config.BrokerSettings;
import io.sluice.broker.config.Key;
import io.sluice.broker.door.transport.Listener;
import io.sluice.tls.TlsConfig.ClientAuth;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/** Where the broker runs, and the keys of one that runs in the worker. */
record BrokerGroup(AbstractConfig values) {

    static final String MODE = "broker.mode";
    static final String BROKER_NAME = "broker.name";
    static final String LINGER = "broker.linger.ms";

    private static final String TAKEOVER_FROM = "buffer.takeover.from";

    /** The groups of a broker in the worker. */
    static final Set<String> NAMES = Set.of(BrokerKeys.BROKER, BrokerKeys.LIMITS, BrokerKeys.TLS, BrokerKeys.BUFFER);

    private static final String MODE_DOC =
            "Where the broker runs. `embedded`: in this worker, with the task. `remote`: as standalone brokers, whose"
                    + " buffers the tasks drain (`buffer.endpoints`).";
    private static final String BROKER_NAME_DOC =
            "Connectors of one worker that name the same broker share it, its listeners and its buffer. While one of"
                    + " them is attached, all must configure the broker in the same way. With `broker.mode=remote` the"
                    + " name only appears in envelopes.";
    private static final String LINGER_DOC =
            "How long the listeners stay open after the last task has left, in milliseconds, so that a restart or a"
                    + " rebalance does not disconnect every device.";
    private static final String TAKEOVER_FROM_DOC =
            "The former name of this connector. The connector takes over the messages that wait in the buffer under"
                    + " that name, unless it has attached to the buffer under its new name before. Stop or delete the"
                    + " connector of the old name first.";

    private enum Mode {
        EMBEDDED,
        REMOTE
    }

    private static final Choice<Mode> MODES = new Choice<>(Mode.class);

    static void update(ConfigDef definition) {
        Keys broker = new Keys(definition, BrokerKeys.BROKER)
                .text(MODE, MODES.word(Mode.EMBEDDED), MODES)
                .as(Importance.MEDIUM, "Mode", MODE_DOC)
                .text(BROKER_NAME, "default", new ConfigDef.NonEmptyString())
                .as(Importance.MEDIUM, "Name", BROKER_NAME_DOC)
                .shownWhen(BrokerGroup::isEmbeddedChosen)
                .define(LINGER, ConfigDef.Type.LONG, 30_000L, ConfigDef.Range.atLeast(0))
                .as(Importance.LOW, "Linger", LINGER_DOC);
        Map<String, Keys> groups = new HashMap<>(Map.of(BrokerKeys.BROKER, broker));
        for (Key<?> key : BrokerKeys.all()) {
            Keys group = groups.computeIfAbsent(key.group(), name -> new Keys(definition, name));
            BrokerKey.define(group, key, shown(key));
        }
        groups.getOrDefault(BrokerKeys.BUFFER, broker)
                .shownWhen(BrokerGroup::isEmbeddedChosen)
                .text(TAKEOVER_FROM, null, new ConfigDef.NonEmptyString())
                .as(Importance.LOW, "Take over from", TAKEOVER_FROM_DOC);
    }

    private static Predicate<Map<String, Object>> shown(Key<?> key) {
        if (BrokerKeys.TRUST_STORE.all().contains(key)
                || key.equals(BrokerKeys.PRINCIPAL)
                || key.equals(BrokerKeys.PRINCIPAL_RULES)) {
            return BrokerGroup::asksForCertificates;
        }
        if (key.group().equals(BrokerKeys.TLS)) {
            return values -> hasListener(values, Listener.Transport::isEncrypted);
        }
        if (key.equals(BrokerKeys.WEBSOCKET_ORIGINS)) {
            return values -> hasListener(
                    values, transport -> transport == Listener.Transport.WS || transport == Listener.Transport.WSS);
        }
        if (key.equals(BrokerKeys.DIR)) {
            return values -> isEmbeddedChosen(values) && means(values, BrokerKeys.STORAGE, BrokerKeys.Storage.DISK);
        }
        return BrokerGroup::isEmbeddedChosen;
    }

    private static boolean asksForCertificates(Map<String, Object> values) {
        return hasListener(values, Listener.Transport::isEncrypted)
                && !means(values, BrokerKeys.CLIENT_AUTH, ClientAuth.NONE);
    }

    /** Whether there is a listener of some kind among values that may be wrong. */
    private static boolean hasListener(Map<String, Object> values, Predicate<Listener.Transport> kind) {
        return isEmbeddedChosen(values)
                && values.get(BrokerKeys.LISTENERS.name()) instanceof List<?> listeners
                && Arrays.stream(Listener.Transport.values())
                        .filter(kind)
                        .anyMatch(transport -> listeners.stream()
                                .anyMatch(uri -> uri.toString().startsWith(transport + ":")));
    }

    /** Whether a word among values that may be wrong stands for a constant. */
    private static <E extends Enum<E>> boolean means(Map<String, Object> values, Key<E> key, E constant) {
        return values.get(key.name()) instanceof String word
                && word.strip().equalsIgnoreCase(key.type().text(constant));
    }

    /** Whether a configuration, checked or not, drains standalone brokers. */
    static boolean isRemote(Map<String, String> properties) {
        return MODES.means(properties.getOrDefault(MODE, ""), Mode.REMOTE);
    }

    /** Whether the broker runs in the worker, as far as values say that may be wrong. */
    static boolean isEmbeddedChosen(Map<String, Object> values) {
        return !(values.get(MODE) instanceof String word && MODES.means(word, Mode.REMOTE));
    }

    /** Whether a configuration, checked or not, keeps its messages where a crash does not reach them. */
    static boolean isOnDisk(Map<String, String> properties) {
        return !properties.containsKey(BrokerKeys.STORAGE.name())
                || means(Map.copyOf(properties), BrokerKeys.STORAGE, BrokerKeys.Storage.DISK);
    }

    static void validate(CheckedValues values) {
        new BrokerSettings(values).check().forEach(values::refuse);
    }

    Optional<String> takeoverFrom() {
        return Optional.ofNullable(values.getString(TAKEOVER_FROM));
    }

    BrokerConfig broker() {
        BrokerSettings settings = new BrokerSettings(new ConfigSettings(values));
        return settings.broker(
                values.getString(BROKER_NAME), Duration.ofMillis(values.getLong(LINGER)), settings.buffer());
    }
}
