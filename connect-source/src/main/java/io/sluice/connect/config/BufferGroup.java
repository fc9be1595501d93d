package io.sluice.connect.config;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/** The shared buffer: where messages are kept until Kafka has them, and how many. */
final class BufferGroup {

    static final String NAME = "Buffer";

    static final String STORAGE = "buffer.storage";
    static final String DIR = "buffer.dir";
    static final String MAX_BYTES = "buffer.max.bytes";
    static final String OVERFLOW = "buffer.overflow";
    static final String SEGMENT_BYTES = "buffer.segment.bytes";
    static final String RETENTION = "buffer.retention.ms";
    static final String CONSUMER_EXPIRY = "buffer.consumer.expiry.ms";
    static final String TAKEOVER_FROM = "buffer.takeover.from";

    private static final String STORAGE_DOC =
            "`disk`: messages survive a crash of the worker. `memory`: they survive a slow or absent Kafka only.";
    private static final String DIR_DOC =
            "Folder of the buffer, required with `buffer.storage=disk`; made if it does not exist, locked against a"
                    + " second process. It must be the same folder whenever the task starts again: on the worker's own"
                    + " disk, or on a volume that follows it.";
    private static final String MAX_BYTES_DOC =
            "The size, in bytes, at which `buffer.overflow` decides what happens; at least two segments.";
    private static final String OVERFLOW_DOC =
            "What happens to messages when the buffer is full. `block`: they wait, and their publishers are not"
                    + " acknowledged meanwhile. `reject`: their publishers are told (MQTT 5 reason code 0x97; MQTT 3:"
                    + " the connection is closed). `drop.newest`: they are dropped and counted. `drop.oldest`: the"
                    + " oldest messages are dropped and counted.";
    private static final String SEGMENT_BYTES_DOC =
            "The size of the buffer's files, in bytes. Delivered messages are deleted a file at a time.";
    private static final String RETENTION_DOC =
            "How long delivered messages are kept so that they can be delivered again, in milliseconds.";
    private static final String CONSUMER_EXPIRY_DOC =
            "A connector that has not been attached for this long, in milliseconds, counting only time in which the"
                    + " buffer was open, no longer holds messages back; what it misses is counted. 0: never.";

    private static final String TAKEOVER_FROM_DOC =
            "The name that this connector had before: it takes over what waits in the buffer under that name, if it has"
                    + " attached to no buffer of that broker under its own. The connector of the old name must be stopped or"
                    + " deleted.";

    /** Where the messages are. */
    private enum Storage {
        DISK,
        MEMORY
    }

    private static final Choice<Storage> STORAGES = Choice.of(Storage.class, '.');
    private static final Choice<Overflow> OVERFLOWS = Choice.of(Overflow.class, '.');

    private final AbstractConfig values;

    BufferGroup(AbstractConfig values) {
        this.values = values;
    }

    static void update(ConfigDef definition) {
        new Keys(definition, NAME)
                .shownWhen(BrokerGroup::isEmbeddedChosen)
                .define(
                        STORAGE,
                        ConfigDef.Type.STRING,
                        STORAGES.word(Storage.DISK),
                        STORAGES,
                        Importance.HIGH,
                        STORAGE_DOC,
                        "Storage")
                .define(
                        DIR,
                        ConfigDef.Type.STRING,
                        null,
                        Syntax.FOLDER,
                        Importance.HIGH,
                        DIR_DOC,
                        "Folder",
                        Shown.when(BufferGroup::isOnDiskChosen))
                .define(
                        MAX_BYTES,
                        ConfigDef.Type.LONG,
                        1L << 30,
                        ConfigDef.Range.atLeast(1),
                        Importance.HIGH,
                        MAX_BYTES_DOC,
                        "Largest size")
                .define(
                        OVERFLOW,
                        ConfigDef.Type.STRING,
                        OVERFLOWS.word(Overflow.BLOCK),
                        OVERFLOWS,
                        Importance.HIGH,
                        OVERFLOW_DOC,
                        "When full")
                .define(
                        SEGMENT_BYTES,
                        ConfigDef.Type.INT,
                        1 << 26,
                        ConfigDef.Range.between(1 << 16, 1 << 30),
                        Importance.LOW,
                        SEGMENT_BYTES_DOC,
                        "Segment size")
                .define(
                        RETENTION,
                        ConfigDef.Type.LONG,
                        0L,
                        ConfigDef.Range.atLeast(0),
                        Importance.MEDIUM,
                        RETENTION_DOC,
                        "Retention")
                .define(
                        CONSUMER_EXPIRY,
                        ConfigDef.Type.LONG,
                        Duration.ofDays(7).toMillis(),
                        ConfigDef.Range.atLeast(0),
                        Importance.LOW,
                        CONSUMER_EXPIRY_DOC,
                        "Consumer expiry")
                .define(
                        TAKEOVER_FROM,
                        ConfigDef.Type.STRING,
                        null,
                        new ConfigDef.NonEmptyString(),
                        Importance.LOW,
                        TAKEOVER_FROM_DOC,
                        "Take over from");
    }

    static void validate(CheckedValues values) {
        boolean onDisk = values.text(STORAGE)
                .filter(word -> STORAGES.means(word, Storage.DISK))
                .isPresent();
        if (onDisk && values.isAbsent(DIR)) {
            values.refuse(
                    DIR,
                    DIR + " is not set: name a folder that outlives the worker, such as /var/lib/sluice/iot, or set "
                            + STORAGE + "=" + STORAGES.word(Storage.MEMORY) + ".");
        }
        Optional<Long> maxBytes = values.number(MAX_BYTES);
        Optional<Long> segmentBytes = values.number(SEGMENT_BYTES);
        if (maxBytes.isPresent() && segmentBytes.isPresent() && maxBytes.get() < 2 * segmentBytes.get()) {
            values.refuse(
                    MAX_BYTES,
                    MAX_BYTES + " is " + maxBytes.get() + ", less than two segments of " + segmentBytes.get()
                            + " bytes: set it to " + 2 * segmentBytes.get() + " or more, or " + SEGMENT_BYTES + " to "
                            + "less.");
        }
    }

    /** Whether a configuration, checked or not, keeps its messages where a crash does not reach them. */
    static boolean isOnDisk(Map<String, String> properties) {
        return STORAGES.means(properties.getOrDefault(STORAGE, STORAGES.word(Storage.DISK)), Storage.DISK);
    }

    /** The name under which the connector was known before. */
    Optional<String> takeoverFrom() {
        return Optional.ofNullable(values.getString(TAKEOVER_FROM));
    }

    BufferConfig buffer() {
        boolean onDisk = STORAGES.constant(values.getString(STORAGE)) == Storage.DISK;
        return new BufferConfig(
                Optional.ofNullable(values.getString(DIR)).filter(dir -> onDisk).map(Path::of),
                values.getLong(MAX_BYTES),
                OVERFLOWS.constant(values.getString(OVERFLOW)),
                values.getInt(SEGMENT_BYTES),
                Duration.ofMillis(values.getLong(RETENTION)),
                Duration.ofMillis(values.getLong(CONSUMER_EXPIRY)));
    }

    private static boolean isOnDiskChosen(Map<String, Object> values) {
        return values.get(STORAGE) instanceof String word && STORAGES.means(word, Storage.DISK);
    }
}
