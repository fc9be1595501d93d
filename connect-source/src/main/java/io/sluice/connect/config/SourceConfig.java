package io.sluice.connect.config;

import io.sluice.broker.BrokerConfig;
import io.sluice.buffer.ConsumerSpec;
import io.sluice.buffer.Lanes;
import io.sluice.connect.delivery.BatchLimits;
import io.sluice.connect.delivery.ErrorLog;
import io.sluice.connect.delivery.Tolerance;
import io.sluice.connect.route.DeadLetters;
import io.sluice.connect.route.Route;
import io.sluice.connect.route.Routes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/** The connector's configuration: valid if it exists. Immutable and thread-safe. */
public final class SourceConfig extends AbstractConfig {

    /** Kafka Connect's own key, under which the buffer knows the connector. */
    static final String CONNECTOR_NAME = "name";

    private SourceConfig(Map<String, String> properties) {
        super(definition(properties), RouteGroup.inherited(properties));
    }

    /**
     * The configuration that properties stand for.
     *
     * @throws ConfigException with a sentence for each mistake
     */
    public static SourceConfig of(Map<String, String> properties) {
        String mistakes = check(properties).stream()
                .flatMap(value -> value.errorMessages().stream())
                .collect(Collectors.joining(" "));
        if (!mistakes.isEmpty()) {
            throw new ConfigException(mistakes);
        }
        return new SourceConfig(properties);
    }

    /** The keys that every configuration may have. */
    public static ConfigDef definition() {
        return definition(Map.of());
    }

    /** The keys of a configuration: its user may name routes, headers and metadata. */
    static ConfigDef definition(Map<String, String> properties) {
        ConfigDef definition = new ConfigDef();
        BrokerGroup.update(definition);
        TlsGroup.update(definition);
        BufferGroup.update(definition);
        DeliveryGroup.update(definition);
        CaptureGroup.update(definition);
        RouteGroup.update(definition, RouteGroup.inherited(properties));
        ErrorsGroup.update(definition);
        return definition;
    }

    /** The values of properties, each with a sentence for every mistake, be it in the key alone or across keys. */
    public static List<ConfigValue> check(Map<String, String> properties) {
        return checkGiven(given(properties));
    }

    private static List<ConfigValue> checkGiven(Map<String, String> properties) {
        Map<String, ConfigValue> byKey = definition(properties).validateAll(RouteGroup.inherited(properties));
        CheckedValues values = new CheckedValues(byKey);
        BrokerGroup.validate(values);
        TlsGroup.validate(values);
        BufferGroup.validate(values);
        DeliveryGroup.validate(values, properties);
        RouteGroup.validate(values, properties);
        ErrorsGroup.validate(values);
        return List.copyOf(byKey.values());
    }

    /** Whether properties, be they valid or not, ask for a buffer that a crash does not reach. */
    public static boolean isOnDisk(Map<String, String> properties) {
        return BufferGroup.isOnDisk(given(properties));
    }

    /** The properties that have a value: Kafka Connect refuses null itself, but asks us first. */
    private static Map<String, String> given(Map<String, String> properties) {
        Map<String, String> given = new HashMap<>(properties);
        given.values().removeIf(Objects::isNull);
        return given;
    }

    /** The broker to join. */
    public BrokerConfig broker() {
        return new BrokerGroup(this, new TlsGroup(this), new BufferGroup(this)).broker();
    }

    /** The connector's name. */
    public String connectorName() {
        return originalsStrings().getOrDefault(CONNECTOR_NAME, "");
    }

    /** How to attach to the broker's buffer, under the connector's name. */
    public ConsumerSpec consumer(Lanes lanes) {
        return new ConsumerSpec(connectorName(), routes().filters(), new DeliveryGroup(this).ackMode(), lanes);
    }

    /** New routes, for one thread. */
    public Routes routes() {
        List<Route> routes = new ArrayList<>(RouteGroup.routes(this));
        new CaptureGroup(this).connections().ifPresent(routes::add);
        return new Routes(routes);
    }

    /** How much a poll returns. */
    public BatchLimits batchLimits() {
        return new DeliveryGroup(this).batchLimits();
    }

    /** What happens to a message that cannot be mapped and does not become a dead letter. */
    public Tolerance tolerance() {
        return new ErrorsGroup(this).tolerance();
    }

    /** Where messages go that cannot be mapped, if there is such a place. */
    public Optional<DeadLetters> deadLetters() {
        return new ErrorsGroup(this).deadLetters(connectorName());
    }

    /** What is logged of messages that cannot be mapped. */
    public ErrorLog errorLog() {
        return new ErrorsGroup(this).log();
    }
}
