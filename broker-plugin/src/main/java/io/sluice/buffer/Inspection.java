package io.sluice.buffer;

import io.sluice.buffer.consumer.StoredConsumer;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.Gap;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.recovery.Checkpoint;
import io.sluice.buffer.recovery.Checkpoints;
import io.sluice.buffer.recovery.LogInspection;
import io.sluice.file.DiskFolder;
import io.sluice.file.Folder;
import io.sluice.file.FolderInUseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Looks at the folder of a buffer that no broker uses, and changes nothing in it; no broker can open it meanwhile. Methods
 * throw {@link IOException} if the disk fails. Not thread-safe.
 */
public final class Inspection implements AutoCloseable {

    private static final int ATTEMPTS = 5;

    private final Folder folder;
    private final LogInspection log;
    private final List<StoredConsumer> known;

    private Inspection(Folder folder) throws IOException {
        this.folder = folder;
        this.log = new LogInspection(folder);
        this.known = log.checkpoint()
                .map(checkpoint -> StoredConsumer.decode(checkpoint.consumers()))
                .orElse(List.of());
    }

    /**
     * Looks at a folder, which no broker can use meanwhile.
     *
     * @throws BufferException if it is in use, or holds no buffer, or one of another version
     */
    public static Inspection open(Path dir) throws IOException {
        requireFolder(dir);
        Folder folder;
        try {
            folder = DiskFolder.openToRead(dir);
        } catch (FolderInUseException e) {
            throw inUse(dir, e);
        } catch (IOException e) {
            throw new BufferException(dir + " cannot be read: " + e, e);
        }
        try {
            return new Inspection(folder);
        } catch (IOException | RuntimeException | Error e) {
            folder.close();
            throw e;
        }
    }

    private static void requireFolder(Path dir) {
        if (!Files.isDirectory(dir)) {
            throw new BufferException(dir + " is not a folder");
        }
    }

    private static BufferException inUse(Path dir, FolderInUseException cause) {
        return new BufferException(dir + " is in use by a broker; stop the broker first", cause);
    }

    /**
     * What shows without reading all messages.
     *
     * @param id the buffer's id, or {@code unknown} if neither checkpoint nor segment says it
     * @param checkpoint the number of the checkpoint that counts; empty if none is intact, and nobody is known then
     * @param first the first position that is kept
     * @param last the last position that is used, {@code first - 1} if none is
     * @param bytes size of all segments
     * @param segments by position
     * @param consumers connectors for which messages are kept, by name
     * @param unreleased by client, how many of its QoS 2 messages it has not released
     * @param losses positions that were lost before, a sentence each
     * @param damage what is damaged as far as it shows, a sentence each
     */
    public record Description(
            String id,
            OptionalLong checkpoint,
            long first,
            long last,
            long bytes,
            List<LogInspection.SegmentFile> segments,
            List<ConsumerShown> consumers,
            Map<String, Integer> unreleased,
            List<String> losses,
            List<String> damage) {}

    /**
     * A connector for which messages are kept.
     *
     * @param acknowledged the position up to which it has everything
     * @param behind positions after that, whoever wants them
     * @param oldest when the broker received the first message that waits for it; empty if none does
     * @param unattached how long it was not attached while the buffer was open
     * @param lanes by lane, the last position that it has acknowledged
     */
    public record ConsumerShown(
            String name,
            long acknowledged,
            long behind,
            Optional<Instant> oldest,
            Duration unattached,
            String ackMode,
            List<String> filters,
            String lanes) {}

    /** Describes segments, positions and consumers. Reads from where the slowest connector is to what waits for each. */
    public Description describe() throws IOException {
        List<LogInspection.SegmentFile> segments = log.segments();
        long end = log.end();
        List<ConsumerShown> consumers = new ArrayList<>();
        for (StoredConsumer consumer : known) {
            consumers.add(describe(consumer, end));
        }
        return new Description(
                log.bufferId().map(Object::toString).orElse("unknown"),
                log.checkpoint().stream().mapToLong(Checkpoint::sequence).findFirst(),
                log.checkpoint()
                        .map(Checkpoint::start)
                        .orElse(segments.isEmpty() ? 0 : segments.get(0).base()),
                end - 1,
                segments.stream().mapToLong(LogInspection.SegmentFile::bytes).sum(),
                segments,
                consumers,
                log.unreleased(),
                log.checkpoint().map(Checkpoint::losses).orElse(List.of()).stream()
                        .map(Inspection::sentence)
                        .toList(),
                log.damagedAtFirstSight());
    }

    private static String sentence(Gap loss) {
        return "positions " + loss.from() + " to " + (loss.to() - 1) + ": " + loss.cause();
    }

    private ConsumerShown describe(StoredConsumer consumer, long end) throws IOException {
        long lowest = consumer.acknowledged().lowest(Lanes.ALL);
        long[] oldest = {-1};
        log.messages(lowest + 1, (position, lane, receivedAtMs, topic) -> {
            boolean waits = waits(consumer, position, lane, topic);
            oldest[0] = waits ? receivedAtMs : -1;
            return !waits;
        });
        return new ConsumerShown(
                consumer.name(),
                lowest,
                Math.max(0, end - 1 - lowest),
                oldest[0] < 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(oldest[0])),
                Duration.ofMillis(consumer.unattachedMs()),
                consumer.ackMode().name(),
                consumer.filters().stream().map(Object::toString).toList(),
                consumer.acknowledged().toString());
    }

    private static boolean waits(StoredConsumer consumer, long position, int lane, String topic) {
        return position > consumer.acknowledged().at(lane)
                && consumer.filters().stream().anyMatch(filter -> filter.matches(topic));
    }

    public LogInspection log() {
        return log;
    }

    /** By connector, how many messages wait for it. Reads from where the slowest of them is. */
    public Map<String, Long> waiting() throws IOException {
        Map<String, Long> waiting = new TreeMap<>();
        known.forEach(consumer -> waiting.put(consumer.name(), 0L));
        long from = known.stream()
                .map(StoredConsumer::acknowledged)
                .mapToLong(acknowledged -> acknowledged.lowest(Lanes.ALL))
                .min()
                .orElse(Long.MAX_VALUE - 1);
        log.messages(from + 1, (position, lane, receivedAtMs, topic) -> {
            for (StoredConsumer consumer : known) {
                if (waits(consumer, position, lane, topic)) {
                    waiting.merge(consumer.name(), 1L, Long::sum);
                }
            }
            return true;
        });
        return waiting;
    }

    /**
     * A place in a buffer.
     *
     * @param buffer the buffer's id
     * @param position in it
     */
    public record Place(String buffer, long position) {}

    /**
     * The first message in a folder that was received at a time or later; empty if there is none. A broker may have the
     * folder open: messages, once written, do not change.
     *
     * @param time by the broker's clock
     * @throws BufferException if the folder holds no buffer, or one of another version
     */
    public static Optional<Place> firstSince(Path dir, Instant time) throws IOException {
        requireFolder(dir);
        for (int attempt = 1; ; attempt++) {
            try (Folder folder = DiskFolder.openBesideStore(dir)) {
                LogInspection log = new LogInspection(folder);
                OptionalLong position = log.firstSince(time.toEpochMilli());
                return position.isEmpty()
                        ? Optional.empty()
                        : log.bufferId().map(id -> new Place(id.toString(), position.getAsLong()));
            } catch (NoSuchFileException segmentIsDropped) {
                if (attempt == ATTEMPTS) {
                    throw segmentIsDropped;
                }
            }
        }
    }

    /**
     * Forgets a consumer in a folder that no broker uses: the buffer keeps nothing for it any more.
     *
     * @throws BufferException if the folder is in use, or holds no buffer, or does not know it
     */
    public static void forget(Path dir, String name) throws IOException {
        Inspection.open(dir).close(); // so that nothing is made where there is no buffer
        try (Folder folder = DiskFolder.open(dir)) {
            Checkpoint checkpoint = new LogInspection(folder)
                    .checkpoint()
                    .orElseThrow(
                            () -> new BufferException("no checkpoint in " + folder + " is intact: nobody is known"));
            List<StoredConsumer> all = StoredConsumer.decode(checkpoint.consumers());
            List<StoredConsumer> others = all.stream()
                    .filter(consumer -> !consumer.name().equals(name))
                    .toList();
            if (others.size() == all.size()) {
                throw new BufferException("'" + name + "' is not known here; these are: "
                        + others.stream().map(StoredConsumer::name).collect(Collectors.joining(", ")));
            }
            Checkpoints.write(folder, checkpoint.with(List.of(StoredConsumer.encode(others, List.of()))));
        } catch (FolderInUseException e) {
            throw inUse(dir, e);
        }
    }

    @Override
    public void close() {
        folder.close();
    }
}
