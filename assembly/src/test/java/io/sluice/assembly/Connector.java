package io.sluice.assembly;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.Lanes;
import io.sluice.message.TopicFilter;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A connector's side of a buffer's folder, while no broker has it open: it wants {@code sensors/#}. */
final class Connector {

    static final AttachRequest SPEC =
            new AttachRequest("connector", List.of(TopicFilter.of("sensors/#")), AckMode.BUFFERED, Lanes.ALL);

    private Connector() {}

    /** Lets the connector attach once, and leave. */
    static void register(Path bufferDir) {
        try (SharedBuffer buffer = open(bufferDir)) {
            attach(buffer).close();
        }
    }

    /** The positions of the messages that the connector finds when it attaches again. */
    static List<Long> positions(Path bufferDir) throws InterruptedException {
        try (SharedBuffer buffer = open(bufferDir);
                Attachment consumer = attach(buffer)) {
            consumer.seek(consumer.acknowledged());
            List<Long> positions = new ArrayList<>();
            consumer.read(100, 1 << 20, Duration.ofSeconds(1))
                    .messages()
                    .forEach(message -> positions.add(message.position()));
            return positions;
        }
    }

    /** The size of the log, also while a broker has it open. */
    static long bytesInLog(Path bufferDir) throws IOException {
        long bytes = 0;
        try (DirectoryStream<Path> segments = Files.newDirectoryStream(bufferDir, "*.log")) {
            for (Path segment : segments) {
                bytes += Files.size(segment);
            }
        }
        return bytes;
    }

    private static Attachment attach(SharedBuffer buffer) {
        return buffer.attach(SPEC);
    }

    private static SharedBuffer open(Path bufferDir) {
        return SharedBuffer.open(new BufferConfig(
                Optional.of(bufferDir), 1 << 30, Overflow.BLOCK, 1 << 26, Duration.ZERO, Duration.ofDays(7)));
    }
}
