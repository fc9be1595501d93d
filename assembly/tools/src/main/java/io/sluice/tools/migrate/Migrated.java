package io.sluice.tools.migrate;

import io.sluice.tools.Connector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A connector that comes into being from the configuration of another system, and what is to be said about it. */
public final class Migrated {

    private static final List<String> CLIENTS = List.of("producer", "admin", "consumer");

    /** What has no counterpart there: where the broker is, and what makes a topic and the throughput good. */
    private static final Map<String, String> OURS = Map.ofEntries(
            Map.entry("connector.class", "io.sluice.connect.MqttSourceConnector"),
            Map.entry("tasks.max", "1"),
            Map.entry("broker.listeners", "tcp://127.0.0.1:1883"),
            Map.entry("buffer.dir", "/var/lib/sluice"),
            Map.entry("mqtt.headers", "none"),
            Map.entry("key.converter", "org.apache.kafka.connect.storage.StringConverter"),
            Map.entry("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter"),
            Map.entry("topic.creation.default.partitions", "-1"),
            Map.entry("topic.creation.default.replication.factor", "-1"),
            Map.entry("producer.override.batch.size", "262144"),
            Map.entry("producer.override.buffer.memory", "8388608"));

    private final Map<String, String> settings;
    private final List<String> notes = new ArrayList<>();

    /**
     * @param own settings in place of, or beside, what has no counterpart in the other system
     */
    Migrated(Map<String, String> own) {
        settings = new TreeMap<>(OURS);
        settings.putAll(own);
    }

    void set(String key, String value) {
        settings.put(key, value);
    }

    boolean has(String key) {
        return settings.containsKey(key);
    }

    void producer(String key, String value) {
        set("producer.override." + key, value);
    }

    /** A setting that producer, admin client and consumer all have to have. */
    void everyClient(String key, String value) {
        CLIENTS.forEach(client -> set(client + ".override." + key, value));
    }

    /** A text in place of a template. */
    void literal(String key, String text) {
        set(key, text.replace("{", "{{"));
    }

    /** Servers of Kafka: the worker's own, unless it is said that they are others. */
    void bootstrapServers(String servers, boolean another) {
        if (another) {
            everyClient("bootstrap.servers", servers);
        } else {
            note("Records go to the worker's own Kafka, whatever servers are named (" + servers
                    + "); --another-kafka has them go there.");
        }
    }

    void note(String sentence) {
        notes.add(sentence);
    }

    public Connector connector(String name) {
        return new Connector(name, settings);
    }

    /** Sentences about what is other than it was there. */
    public List<String> notes() {
        return List.copyOf(notes);
    }
}
