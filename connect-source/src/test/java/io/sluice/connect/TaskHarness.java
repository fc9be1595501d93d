package io.sluice.connect;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.BufferStats;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.Doubt;
import io.sluice.buffer.record.Lanes;
import io.sluice.connect.config.SourceConfig;
import io.sluice.message.Message;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;

/**
 * A real buffer, and a task that is called as Kafka Connect calls it. What Kafka Connect would hold as source offsets is
 * in a map.
 */
final class TaskHarness implements AutoCloseable {

    static final RecordMetadata SENT = new RecordMetadata(new TopicPartition("iot", 0), 0, 0, 0, 0, 0);

    private final BufferConfig bufferConfig;
    private final Map<String, String> properties;
    private final Map<Map<String, ?>, Map<String, ?>> offsets = new HashMap<>();
    private SharedBuffer buffer;
    private MqttSourceTask task;

    private TaskHarness(BufferConfig bufferConfig, Map<String, String> properties) {
        this.bufferConfig = bufferConfig;
        this.properties = new HashMap<>(properties);
        this.buffer = SharedBuffer.open(bufferConfig);
        this.task = newTask();
    }

    /** A buffer in a folder, or in memory; delivered messages are kept for an hour. */
    static TaskHarness with(Optional<Path> dir, String... keysAndValues) {
        BufferConfig bufferConfig =
                new BufferConfig(dir, 1 << 24, Overflow.BLOCK, 1 << 16, Duration.ofHours(1), Duration.ZERO);
        Map<String, String> properties =
                new HashMap<>(Map.of("name", "mqtt", "buffer.storage", "memory", "kafka.topic", "iot"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return new TaskHarness(bufferConfig, properties);
    }

    TaskHarness configure(String key, String value) {
        properties.put(key, value);
        return this;
    }

    /** A task that drains the harness's buffer, not started. */
    MqttSourceTask newTask() {
        return newTask((config, drains) -> {
            drains.add(buffer.attach(config.consumer(Lanes.ALL)), "the test");
            return () -> {};
        });
    }

    /** A task that drains whatever buffers, not started. */
    MqttSourceTask newTask(Upstream.Opener upstreams) {
        MqttSourceTask created = new MqttSourceTask(upstreams);
        created.initialize(new Context());
        return created;
    }

    Map<String, String> properties() {
        return properties;
    }

    MqttSourceTask task() {
        return task;
    }

    TaskHarness start() {
        task.start(properties);
        return this;
    }

    /** Another task in place of the one before, which is stopped and had not failed. */
    TaskHarness restart() {
        task.stop();
        clearOfDoubt();
        task = newTask();
        return start();
    }

    /** Another task beside the one before, which is not stopped, as after a crash. */
    TaskHarness startBesideTheOneBefore() {
        task = newTask();
        return start();
    }

    /** Kafka Connect begins to work on a record. */
    static void take(SourceRecord record) {
        Objects.requireNonNull(record.topic());
    }

    private void clearOfDoubt() {
        try (Attachment consumer = buffer.attach(SourceConfig.of(properties).consumer(Lanes.ALL))) {
            consumer.seek(consumer.acknowledged());
            consumer.doubt(Doubt.NONE);
        }
    }

    /** The buffer closes and is opened anew, as when a worker restarts whose task had not failed. */
    TaskHarness restartWithBuffer() {
        task.stop();
        clearOfDoubt();
        return restartFailed();
    }

    /** The buffer closes and is opened anew, as when a worker restarts whose task may have failed. */
    TaskHarness restartFailed() {
        task.stop();
        buffer.close();
        buffer = SharedBuffer.open(bufferConfig);
        task = newTask();
        return start();
    }

    /** Appends messages and waits until they are safe. */
    void publish(Message... messages) {
        publish(buffer, messages);
    }

    /** Appends messages to a buffer and waits until they are safe. */
    static void publish(SharedBuffer buffer, Message... messages) {
        SafeAppend.of(buffer, List.of(messages));
    }

    /** Publishes numbered payloads, one message each, from one client. */
    void publish(String clientId, int from, int to) {
        for (int number = from; number <= to; number++) {
            publish(MessageBuilder.to("t")
                    .from(clientId)
                    .payload(Integer.toString(number))
                    .build());
        }
    }

    /** Polls until there are so many records, or nothing more comes. */
    List<SourceRecord> poll(int atLeast) throws InterruptedException {
        List<SourceRecord> records = new ArrayList<>();
        for (List<SourceRecord> polled = List.of(); polled != null && records.size() < atLeast; ) {
            polled = task.poll();
            if (polled != null) {
                records.addAll(polled);
            }
        }
        return records;
    }

    /** All there is, until a poll returns nothing. */
    List<SourceRecord> pollAll() throws InterruptedException {
        return poll(Integer.MAX_VALUE);
    }

    /** Records are in Kafka, and a commit of offsets does not come before a crash. */
    void acknowledge(Collection<SourceRecord> records) {
        records.forEach(record -> task.commitRecord(record, SENT));
    }

    /** Kafka Connect holds the offsets of these records. */
    void storeOffsets(Collection<SourceRecord> records) {
        records.forEach(record -> offsets.put(record.sourcePartition(), record.sourceOffset()));
    }

    /** How many positions the buffer still holds for the connector. */
    long heldBack() {
        BufferStats stats = buffer.stats();
        return stats.end() - stats.consumers().get(0).floor();
    }

    Map<Map<String, ?>, Map<String, ?>> offsets() {
        return offsets;
    }

    /** The source partition of a client's messages. */
    Map<String, Object> partition(String clientId) {
        Map<String, Object> partition = new HashMap<>();
        partition.put("buffer", buffer.id());
        partition.put("lane", Lanes.of(clientId));
        return partition;
    }

    static List<String> payloads(List<SourceRecord> records) {
        return records.stream()
                .map(record -> new String((byte[]) record.value(), StandardCharsets.UTF_8))
                .toList();
    }

    @Override
    public void close() {
        task.stop();
        buffer.close();
    }

    private final class Context implements SourceTaskContext {

        @Override
        public Map<String, String> configs() {
            return properties;
        }

        @Override
        public OffsetStorageReader offsetStorageReader() {
            return new Reader();
        }

        @Override
        public PluginMetrics pluginMetrics() {
            throw new NoSuchMethodError("as a worker before 4.1 does");
        }
    }

    /** Returns offsets as they come out of JSON: every number is a long. */
    private final class Reader implements OffsetStorageReader {

        @Override
        public <T> Map<String, Object> offset(Map<String, T> partition) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
            Map<Map<String, T>, Map<String, Object>> found = new HashMap<>();
            for (Map<String, T> partition : partitions) {
                Map<String, ?> offset = offsets.get(partition);
                if (offset != null) {
                    Map<String, Object> read = new HashMap<>();
                    offset.forEach((key, value) ->
                            read.put(key, value instanceof Number number ? Long.valueOf(number.longValue()) : value));
                    found.put(partition, read);
                }
            }
            return found;
        }
    }
}
