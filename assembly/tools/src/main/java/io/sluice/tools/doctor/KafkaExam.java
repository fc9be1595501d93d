package io.sluice.tools.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.tools.Connector;
import io.sluice.tools.ExitCode;
import io.sluice.tools.ToolException;
import io.sluice.tools.doctor.Findings.Matter;
import io.sluice.tools.kafka.KafkaView;
import io.sluice.tools.kafka.KafkaView.OpenTransaction;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.common.acl.AclOperation;

/** Asks the Kafka of a connector about itself, the connector's topics, and its transactions. Changes nothing. */
public final class KafkaExam {

    private static final Pattern TOPIC_KEY =
            Pattern.compile("(route\\.[^.]+\\.)?kafka\\.topic|dead\\.letter\\.topic|connections\\.topic");
    private static final String OVERRIDE = "producer.override.";
    private static final String REPLICAS = "topic.creation.default.replication.factor";
    private static final Duration TOLERANCE = Duration.ofSeconds(10);

    /** What a coordinator says of a producer that has no transaction, or none that is not done. */
    private static final Set<String> DONE = Set.of("EMPTY", "COMPLETE_ABORT", "COMPLETE_COMMIT");

    private final String servers;
    private final Map<String, String> settings;
    private final Findings findings;
    private final Matter aboutKafka;

    /**
     * @param servers Kafka's addresses, for connectors that name none
     * @param settings further settings of Kafka's clients
     * @param findings take what is found
     */
    public KafkaExam(String servers, Map<String, String> settings, Findings findings) {
        this.servers = servers;
        this.settings = settings;
        this.findings = findings;
        this.aboutKafka = findings.about("Kafka");
    }

    /**
     * Opens a view of the Kafka that a connector writes to.
     *
     * @throws ToolException if its settings are none
     */
    public KafkaView open(Connector connector) {
        return KafkaView.of(own(connector).orElse(servers), settings(connector, servers, settings));
    }

    /**
     * The settings with which the Kafka of a connector is asked. A Kafka at other addresses, which only the connector names,
     * is asked with nothing but the connector's: it has no claim to somebody else's credentials.
     *
     * @param servers Kafka's addresses
     * @param settings further settings of clients of the Kafka that is there
     */
    public static Map<String, String> settings(Connector connector, String servers, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(isElsewhere(connector, servers) ? Map.of() : settings);
        connector.config().forEach((key, value) -> {
            if (key.startsWith(OVERRIDE + "s") && !value.contains("${")) {
                all.put(key.substring(OVERRIDE.length()), value);
            }
        });
        return all;
    }

    /** The settings of a connector that say which Kafka is asked, and as whom. */
    public static Map<String, String> access(Connector connector) {
        Map<String, String> access = new TreeMap<>(connector.config());
        access.keySet().removeIf(key -> !key.startsWith(OVERRIDE + "s") && !key.equals(OVERRIDE + "bootstrap.servers"));
        return access;
    }

    /** Whether all is known that it takes to ask the Kafka of a connector; if it is not, a finding says so. */
    public boolean canAsk(Connector connector) {
        Map<String, String> references = access(connector);
        references.values().removeIf(value -> !value.contains("${"));
        if (!isElsewhere(connector, servers) || references.isEmpty()) {
            return true;
        }
        aboutKafka.unknown(
                "It was not asked, as only the worker can look up " + String.join(", ", references.keySet()) + ".",
                "Name this Kafka with --kafka, and a file with these settings with --kafka-config.");
        return false;
    }

    private static boolean isElsewhere(Connector connector, String servers) {
        return !own(connector).orElse(servers).equals(servers);
    }

    private static Optional<String> own(Connector connector) {
        return Optional.ofNullable(connector.config().get(OVERRIDE + "bootstrap.servers"));
    }

    /**
     * Looks whether it answers, and is the worker's.
     *
     * @param expected the id of the worker's Kafka; missing if it is not known
     * @return whether it is worth asking on
     * @throws ToolException if it does not answer
     */
    public boolean kafka(KafkaView view, Connector connector, JsonNode expected) {
        Optional<String> own = own(connector);
        String cluster = view.clusterId();
        if (own.isEmpty() && expected.isTextual() && !expected.asText().equals(cluster)) {
            aboutKafka.wrong(
                    servers + " is not the worker's Kafka: its id is " + cluster + ", the worker's " + expected.asText()
                            + "; name the worker's with --kafka.",
                    "");
            return false;
        }
        aboutKafka.good(own.orElse(servers) + " answers.");
        return true;
    }

    /**
     * Looks at the topics that a connector names without a template.
     *
     * @throws ToolException if Kafka does not answer
     */
    public void topics(KafkaView view, Connector connector) {
        for (String topic : topics(connector)) {
            try {
                topic(view, connector, topic);
            } catch (ToolException e) {
                if (e.exitCode() == ExitCode.UNREACHABLE) {
                    throw e;
                }
                findings.about(topic).wrong(e.sentence(), "");
            }
        }
    }

    private static Set<String> topics(Connector connector) {
        Map<String, String> config = new HashMap<>(connector.config());
        if (!config.containsKey("routes")) {
            config.putIfAbsent("kafka.topic", "mqtt.messages");
        }
        config.putIfAbsent("dead.letter.topic", "mqtt.dead.letters");
        config.keySet().removeIf(key -> !TOPIC_KEY.matcher(key).matches());
        config.values().removeIf(topic -> topic.isEmpty() || topic.contains("{"));
        return new TreeSet<>(config.values());
    }

    private void topic(KafkaView view, Connector connector, String topic) {
        Matter about = findings.about(topic);
        Optional<Set<AclOperation>> operations = view.operations(topic);
        Optional<String> replicas = Optional.ofNullable(connector.config().get(REPLICAS));
        if (operations.isPresent()) {
            if (operations.get().contains(AclOperation.WRITE)) {
                about.good("It is there, and may be written to.");
            } else {
                about.wrong("It is there, but may not be written to.", "Allow the worker's user to WRITE it.");
            }
        } else if (replicas.isEmpty()) {
            about.wrong(
                    "It is not there, and Connect does not create it; set topic.creation.default.partitions and"
                            + " topic.creation.default.replication.factor, or create it.",
                    "");
        } else if (replicas.get().matches("[0-9]+")
                && new BigInteger(replicas.get()).compareTo(BigInteger.valueOf(view.brokers())) > 0) {
            about.wrong(
                    "It is not there, and cannot be created with " + replicas.get() + " replicas, as Kafka has "
                            + view.brokers() + " brokers.",
                    "");
        } else {
            about.good("It is not there yet; Connect creates it.");
        }
    }

    /**
     * Compares clocks: that of Kafka's controller, and that of the worker's machine, where messages get their times.
     *
     * @param worker how much the worker's clock is ahead of this machine's, if it is known
     */
    public void clock(KafkaView view, Optional<Duration> worker) {
        Matter about = findings.about("clock");
        Instant before = Instant.now();
        Optional<Instant> kafka = view.clock();
        if (kafka.isEmpty() || worker.isEmpty()) {
            about.unknown(
                    (worker.isEmpty() ? "The worker" : "Kafka") + " does not send its time.",
                    "See that both machines keep time with NTP.");
            return;
        }
        Instant here = before.plus(Duration.between(before, Instant.now()).dividedBy(2));
        Duration ahead = worker.get().minus(Duration.between(here, kafka.get()));
        if (ahead.abs().compareTo(TOLERANCE) > 0) {
            about.wrong(
                    "The worker's clock is " + ahead.abs().toSeconds() + " s "
                            + (ahead.isNegative() ? "behind" : "ahead of") + " Kafka's.",
                    "Let both machines keep time with NTP: records carry the time of the worker's machine.");
        } else {
            about.good("The worker's clock and Kafka's are the same, to " + TOLERANCE.toSeconds() + " s.");
        }
    }

    /**
     * Looks for transactions that Kafka has left open: those whose coordinator is done with them. It looks twice, since one
     * that is ending at the moment looks like that.
     *
     * @param written topics that the connector has written to
     * @param offsets the topic of its offsets, if it is known
     * @param pause between the looks
     */
    public void transactions(
            KafkaView view, Connector connector, Collection<String> written, Optional<String> offsets, Runnable pause) {
        Matter about = findings.about(connector.name());
        Set<String> data = topics(connector);
        data.addAll(written);
        List<String> all = new ArrayList<>(data);
        offsets.ifPresent(all::add);
        try {
            List<OpenTransaction> open = hanging(view.openTransactions(all));
            if (!open.isEmpty()) {
                pause.run();
                open.retainAll(hanging(view.openTransactions(all)));
            }
            open.forEach(transaction -> hangs(about, connector, transaction));
            if (open.isEmpty()) {
                about.good("No transaction hangs in " + String.join(", ", all) + ".");
            }
        } catch (ToolException e) {
            about.unknown(
                    "Its transactions cannot be looked at: " + e.sentence(),
                    "Use a Kafka user who may read the topics and describe transactional ids.");
        }
        if (offsets.isEmpty()) {
            about.unknown(
                    "The topic of its offsets is not known, so transactions were looked for among the messages only.",
                    "Give the worker's file with --worker-config.");
        }
    }

    /** Those with which the coordinator is done. One that is under way is none of anybody's business. */
    static List<OpenTransaction> hanging(List<OpenTransaction> open) {
        return new ArrayList<>(open.stream()
                .filter(transaction -> transaction.state().map(DONE::contains).orElse(true))
                .toList());
    }

    private void hangs(Matter about, Connector connector, OpenTransaction transaction) {
        about.wrong(
                "A transaction"
                        + transaction.transactionalId().map(id -> " of " + id).orElse("") + " hangs in "
                        + transaction.partition()
                        + " from offset " + transaction.startOffset()
                        + " on: Kafka has decided it, and has not ended it.",
                abort(connector, transaction));
    }

    /** How it is ended; in the order of the findings, which has the offsets last. */
    private String abort(Connector connector, OpenTransaction transaction) {
        return "Stop the connector, find out what Kafka had decided (\"Transactions that Kafka leaves open\" in"
                + " limits.md), and if that is to abort, end it, those in the offsets last: kafka-transactions.sh"
                + " --bootstrap-server " + own(connector).orElse(servers) + " abort --topic "
                + transaction.partition().topic() + " --partition "
                + transaction.partition().partition() + " --start-offset " + transaction.startOffset();
    }
}
