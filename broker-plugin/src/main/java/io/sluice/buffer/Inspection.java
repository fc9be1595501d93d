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
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** What {@link BufferTool} says of a folder. Changes nothing, except to forget a consumer. */
final class Inspection {

    private final Folder folder;
    private final PrintWriter out;
    private final LogInspection log;

    Inspection(Folder folder, PrintWriter out) throws IOException {
        this.folder = folder;
        this.out = out;
        this.log = new LogInspection(folder, out);
    }

    int describe() throws IOException {
        log.checkpoint().ifPresentOrElse(this::describe, () -> out.println("No checkpoint is intact."));
        return log.describe() ? 0 : 1;
    }

    int check() throws IOException {
        return log.check() ? 0 : 1;
    }

    private void describe(Checkpoint checkpoint) {
        out.printf("Buffer:    %s%n", checkpoint.bufferId());
        out.printf(
                "Positions: %d to %d, as of checkpoint %d%n",
                checkpoint.start(), checkpoint.end() - 1, checkpoint.sequence());
        List<ConsumerRecord> consumers = ConsumerRecord.decode(checkpoint.consumers());
        out.printf("%nConsumers: %d%n", consumers.size());
        for (ConsumerRecord consumer : consumers) {
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

    int forget(String name) throws IOException {
        Checkpoint checkpoint = log.checkpoint()
                .orElseThrow(() -> new BufferException("no checkpoint in " + folder + " is intact: nobody is known"));
        List<ConsumerRecord> all = ConsumerRecord.decode(checkpoint.consumers());
        List<ConsumerRecord> others =
                all.stream().filter(consumer -> !consumer.name().equals(name)).toList();
        if (others.size() == all.size()) {
            throw new BufferException("'" + name + "' is not known here; these are: "
                    + others.stream().map(ConsumerRecord::name).collect(Collectors.joining(", ")));
        }
        Checkpoints.write(folder, checkpoint.with(ConsumerRecord.encode(others)));
        out.printf("'%s' is forgotten.%n", name);
        return 0;
    }
}
