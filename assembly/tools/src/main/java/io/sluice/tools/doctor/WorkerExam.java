package io.sluice.tools.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.tools.ConnectClient;
import io.sluice.tools.Connector;
import io.sluice.tools.RouteTrial;
import io.sluice.tools.Shell;
import io.sluice.tools.States;
import io.sluice.tools.doctor.Findings.Matter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Asks a worker about itself and about connectors. Changes nothing: it lets the worker validate, and no more. */
public final class WorkerExam {

    public static final String SLUICE = "io.sluice.connect.MqttSourceConnector";

    private static final String SIZE = "producer.override.batch.size";
    private static final String SUPPORT = "exactly.once.support";
    private static final String WORKER_SUPPORT = "exactly.once.source.support";
    private static final String DELAY = "scheduled.rebalance.max.delay.ms";
    private static final long LONG_DELAY_MS = 60_000;
    private static final long DEFAULT_DELAY_MS = 300_000;
    private static final int[] OLDEST_KAFKA = {3, 9};

    private final ConnectClient connect;
    private final Optional<WorkerFile> file;
    private final Findings findings;

    /**
     * @param file the worker's own configuration, if it is at hand
     * @param findings take what is found
     */
    public WorkerExam(ConnectClient connect, Optional<WorkerFile> file, Findings findings) {
        this.connect = connect;
        this.file = file;
        this.findings = findings;
    }

    /**
     * Looks at the worker itself.
     *
     * @param ownVersion of this program, if it is known
     */
    public void worker(Optional<String> ownVersion) {
        Matter about = findings.about("worker");
        String version = connect.worker().path("version").asText();
        if (isTooOld(version)) {
            about.wrong("It is of Kafka Connect " + version + ".", "Sluice needs Kafka Connect 3.9 or newer.");
        } else {
            about.good("It answers, and is of Kafka Connect " + version + ".");
        }
        plugin(ownVersion);
        rebalance();
    }

    private static boolean isTooOld(String version) {
        String[] parts = version.split("[.-]", -1);
        for (int i = 0; i < OLDEST_KAFKA.length; i++) {
            if (parts.length <= i || !parts[i].matches("[0-9]{1,6}")) {
                return false;
            }
            if (Integer.parseInt(parts[i]) != OLDEST_KAFKA[i]) {
                return Integer.parseInt(parts[i]) < OLDEST_KAFKA[i];
            }
        }
        return false;
    }

    private void plugin(Optional<String> ownVersion) {
        Matter about = findings.about("plugin");
        TreeSet<String> versions = new TreeSet<>();
        connect.plugins().forEach(plugin -> {
            if (plugin.path("class").asText().equals(SLUICE)) {
                versions.add(plugin.path("version").asText());
            }
        });
        long copies = Math.max(versions.size(), file.map(WorkerFile::plugins).orElse(0L));
        if (versions.isEmpty()) {
            about.wrong(
                    "The worker has no plugin " + SLUICE + ".",
                    "Unpack the archive into a folder of its plugin.path, and restart it.");
        } else if (copies > 1) {
            about.wrong(
                    "It is there " + copies + " times, in version " + String.join(", ", versions) + ".",
                    "Leave one on the worker's plugin.path, and restart it.");
        } else if (ownVersion.isPresent() && !versions.contains(ownVersion.get())) {
            about.advice(
                    "It is of version " + versions.first() + ", and this program of " + ownVersion.get() + ".",
                    "Use the sluice of the plugin's version: this one may know other keys and routes.");
        } else {
            about.good("It is there once, in version " + versions.first() + ".");
        }
    }

    private void rebalance() {
        Matter about = findings.about(DELAY);
        if (file.isEmpty()) {
            about.unknown(
                    "A worker does not tell it.",
                    "Give the worker's file with --worker-config, or see that it is some seconds: Connect waits that"
                            + " long before it moves the tasks of a dead worker.");
            return;
        }
        String value = file.get().setting(DELAY).orElse(Long.toString(DEFAULT_DELAY_MS));
        if (value.strip().matches("[0-9]{1,15}") && Long.parseLong(value.strip()) > LONG_DELAY_MS) {
            about.advice(
                    "It is " + value + ": Connect waits that long before it moves the tasks of a dead worker.",
                    "Set it to some seconds in the worker's file.");
        } else {
            about.good("It is " + value + ".");
        }
    }

    /** Looks at a connector, as it runs or is to run: what the worker thinks of it, and how it is. */
    public void connector(Connector connector) {
        Matter about = findings.about(connector.name());
        validate(about, connector);
        converters(about, connector);
        batchSize(about, connector);
        state(about, connector);
    }

    private void validate(Matter about, Connector connector) {
        Map<String, String> probe = new TreeMap<>(connector.config());
        probe.putIfAbsent(SIZE, "262144");
        probe.put(SUPPORT, "required");
        boolean good = true;
        boolean exactlyOnce = true;
        Map<String, List<String>> mistakes = Checkup.mistakes(connect, new Connector(connector.name(), probe));
        for (Map.Entry<String, List<String>> mistake : mistakes.entrySet()) {
            String name = mistake.getKey();
            boolean own = connector.config().containsKey(name);
            if (name.equals(SUPPORT)) {
                exactlyOnce = false;
            } else if (name.startsWith("producer.override.")) {
                good &= !own;
                policy(about, name, own);
            } else {
                good = false;
                mistake.getValue().forEach(error -> about.wrong(name + ": " + error, ""));
            }
        }
        if (good) {
            about.good("The worker takes its configuration.");
        }
        exactlyOnce(about, connector, exactlyOnce);
    }

    private void policy(Matter about, String key, boolean own) {
        String remedy = "Set connector.client.config.override.policy=All in the worker's file";
        if (own) {
            about.wrong("The worker does not let connectors set " + key + ".", remedy + ".");
        } else {
            about.advice(
                    "The worker lets connectors set nothing of their producers.",
                    remedy + ", or set producer.batch.size there.");
        }
    }

    private void exactlyOnce(Matter about, Connector connector, boolean possible) {
        boolean wanted = "required".equalsIgnoreCase(connector.config().get(SUPPORT));
        if (possible) {
            about.good("Messages of QoS 2 can arrive exactly once.");
        } else if (wanted) {
            about.wrong(
                    SUPPORT + " is required, and the worker does not give it.",
                    "Set " + WORKER_SUPPORT + "=enabled in the file of each worker.");
        } else {
            about.advice(
                    "Messages of QoS 2 arrive at least once.",
                    "For exactly once set " + WORKER_SUPPORT + "=enabled in the file of each worker.");
        }
    }

    /** A converter that the connector does not name is the worker's. */
    private void converters(Matter about, Connector connector) {
        List<String> missing = Stream.of("key.converter", "value.converter")
                .filter(key -> !connector.config().containsKey(key))
                .toList();
        if (missing.isEmpty()) {
            return;
        }
        String names = String.join(" and ", missing);
        if (file.isEmpty()) {
            about.unknown(
                    "It does not name " + names + ", and a worker does not tell its own.",
                    "Name them in the connector, or give the worker's file with --worker-config.");
            return;
        }
        Map<String, String> merged = new TreeMap<>(connector.config());
        file.get().settings().forEach((key, value) -> {
            if (missing.stream().anyMatch(converter -> key.equals(converter) || key.startsWith(converter + "."))) {
                merged.put(key, value);
            }
        });
        Map<String, List<String>> mistakes =
                new TreeMap<>(RouteTrial.mistakes(new Connector(connector.name(), merged)));
        mistakes.entrySet().removeAll(RouteTrial.mistakes(connector).entrySet());
        mistakes.values()
                .forEach(sentences -> sentences.forEach(sentence -> about.wrong(
                        "The worker's converters do not fit: " + sentence, "Name the converter in the connector.")));
        if (mistakes.isEmpty()) {
            about.good("The worker's converters fit.");
        }
    }

    private void batchSize(Matter about, Connector connector) {
        if (!connector.config().containsKey(SIZE)
                && file.flatMap(each -> each.setting("producer.batch.size")).isEmpty()) {
            about.advice(
                    "Its producer sends batches of 16 KiB, which halves its throughput.",
                    "Set producer.override.batch.size=262144 and producer.override.buffer.memory=8388608.");
        }
    }

    private void state(Matter about, Connector connector) {
        if (connect.find(connector.name()).isEmpty()) {
            about.unknown("The worker does not have it yet.", "`sluice connector apply -f FILE`");
            return;
        }
        String name = Shell.quoted(connector.name());
        JsonNode status = connect.status(connector.name());
        String state = status.at("/connector/state").asText();
        boolean good = state.equals("RUNNING");
        if (!good) {
            about.wrong(
                    ("It is " + state + ". " + States.reason(status.path("connector"))).strip(),
                    state.equals("FAILED")
                            ? "Mend the cause, then `sluice connector restart " + name + "`."
                            : "`sluice connector resume " + name + "` lets it go on.");
        }
        for (JsonNode task : status.path("tasks")) {
            if (task.path("state").asText().equals("FAILED")) {
                good = false;
                about.wrong(
                        ("Task " + task.path("id").asText() + " has failed. " + States.reason(task)).strip(),
                        "Mend the cause, then `sluice connector restart " + name + " --only-failed`.");
            }
        }
        if (good) {
            about.good("It runs, with " + status.path("tasks").size() + " tasks.");
        }
    }
}
