package io.sluice.buffer;

import io.sluice.buffer.log.BufferException;
import io.sluice.buffer.log.Checkpoint;
import io.sluice.buffer.log.Checkpoints;
import io.sluice.buffer.log.Gap;
import io.sluice.buffer.log.Lanes;
import io.sluice.buffer.log.LogInspection;
import io.sluice.file.Folder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Looks at the folder of a buffer that no broker uses. Changes nothing, except to forget a consumer. Not thread-safe.
 */
public final class Inspection implements AutoCloseable {

    private final Folder folder;
    private final PrintWriter out;
    private final LogInspection log;

    private Inspection(Folder folder, PrintWriter out) throws IOException {
        this.folder = folder;
        this.out = out;
        this.log = new LogInspection(folder, out);
    }

    /**
     * Looks at a folder, which no broker can use meanwhile.
     *
     * @param out where to say what is found
     * @throws BufferException if it is in use, or holds no buffer, or one of a newer version
     */
    public static Inspection open(Path dir, PrintWriter out) throws IOException {
        if (!Files.isDirectory(dir)) {
            throw new BufferException(dir + " is not a folder");
        }
        Folder folder = BufferFolder.open(dir);
        boolean opened = false;
        try {
            Inspection inspection = new Inspection(folder, out);
            opened = true;
            return inspection;
        } finally {
            if (!opened) {
                folder.close();
            }
        }
    }

    /** Describes segments, positions and consumers; returns whether nothing is damaged, as far as it shows. */
    public boolean describe() throws IOException {
        log.checkpoint().ifPresentOrElse(this::describe, () -> out.println("No checkpoint is intact."));
        return log.describe();
    }

    /** Reads everything and says what is damaged; returns whether nothing is. */
    public boolean check() throws IOException {
        return log.check();
    }

    private void describe(Checkpoint checkpoint) {
        out.printf("Buffer:    %s%n", checkpoint.bufferId());
        out.printf(
                "Positions: %d to %d, as of checkpoint %d%n",
                checkpoint.start(), checkpoint.end() - 1, checkpoint.sequence());
        List<StoredConsumer> consumers = StoredConsumer.decode(checkpoint.consumers());
        out.printf("%nConsumers: %d%n", consumers.size());
        for (StoredConsumer consumer : consumers) {
            long lowest = consumer.acknowledged().lowest(Lanes.ALL);
            out.printf(
                    "  %s: acknowledged up to %d (%d behind), ack.mode %s, not attached for %s, filters %s%n",
                    consumer.name(),
                    lowest,
                    checkpoint.end() - 1 - lowest,
                    consumer.ackMode(),
                    Duration.ofMillis(consumer.unattachedMs()),
                    consumer.filters());
            out.printf("    by lane: %s%n", consumer.acknowledged());
        }
        for (Gap loss : checkpoint.losses()) {
            out.printf("Lost:      %d to %d: %s%n", loss.from(), loss.to() - 1, loss.cause());
        }
    }

    /**
     * Forgets a consumer: the buffer keeps nothing for it any more.
     *
     * @return true
     * @throws BufferException if it is not known
     */
    public boolean forget(String name) throws IOException {
        Checkpoint checkpoint = log.checkpoint()
                .orElseThrow(() -> new BufferException("no checkpoint in " + folder + " is intact: nobody is known"));
        List<StoredConsumer> all = StoredConsumer.decode(checkpoint.consumers());
        List<StoredConsumer> others =
                all.stream().filter(consumer -> !consumer.name().equals(name)).toList();
        if (others.size() == all.size()) {
            throw new BufferException("'" + name + "' is not known here; these are: "
                    + others.stream().map(StoredConsumer::name).collect(Collectors.joining(", ")));
        }
        Checkpoints.write(folder, checkpoint.with(StoredConsumer.encode(others)));
        out.printf("'%s' is forgotten.%n", name);
        return true;
    }

    /** Gives the folder back. */
    @Override
    public void close() {
        folder.close();
    }
}
