package io.sluice.buffer;

import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.Interest;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.RecordBatch;
import io.sluice.message.Message;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What one message, and one attachment, costs of the processor where there is one of everything, and where there is much of
 * it: topics, consumers, tasks. The cases take turns, so that whatever else the machine does costs each of them the same; what is said
 * is the median of the rounds, of the thread that appends, polls or attaches. Run as CONTRIBUTING.md says.
 */
public final class ScaleReport {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private static final int ROUNDS = 5;
    private static final int WARM_ROUNDS = 2;
    private static final int MESSAGES = 400_000;
    private static final int PAYLOAD_BYTES = 200;
    private static final int BATCH = 500;

    private ScaleReport() {}

    /** One case. */
    private interface Case extends AutoCloseable {

        /** Makes ready for a round. */
        void prepare();

        /** Deals with so many messages, or attachments. */
        void run() throws Exception;

        default int count() {
            return MESSAGES;
        }

        @Override
        void close() throws IOException;
    }

    /** Prints the figures. */
    public static void main(String[] arguments) throws Exception {
        report(
                "append, with a look at who wants the topic; topics, consumers",
                List.of("1, 1", "100000, 1", "1, 100", "100000, 100"),
                List.of(new Appending(1, 1), new Appending(100_000, 1), new Appending(1, 100), new Appending(100_000, 100)));
        report(
                "poll a backlog; topics, tasks",
                List.of("1, 1", "100000, 1", "1, 64", "100000, 64"),
                List.of(
                        new Polling(1, 1, false),
                        new Polling(100_000, 1, false),
                        new Polling(1, 64, false),
                        new Polling(100_000, 64, false)));
        report(
                "read a backlog for workers on other machines; topics, tasks",
                List.of("1, 1", "1, 64", "100000, 64"),
                List.of(new Polling(1, 1, true), new Polling(1, 64, true), new Polling(100_000, 64, true)));
        report(
                "attach and seek; consumers that are known, tasks that are attached",
                List.of("1, 1", "100, 1", "1, 64", "100, 64"),
                List.of(new Attaching(1, 1), new Attaching(100, 1), new Attaching(1, 64), new Attaching(100, 64)));
    }

    private static void report(String what, List<String> names, List<? extends Case> cases) throws Exception {
        long[][] nanos = new long[cases.size()][ROUNDS];
        for (int round = -WARM_ROUNDS; round < ROUNDS; round++) {
            for (int i = 0; i < cases.size(); i++) {
                cases.get(i).prepare();
                long before = THREADS.getCurrentThreadCpuTime();
                cases.get(i).run();
                if (round >= 0) {
                    nanos[i][round] = (THREADS.getCurrentThreadCpuTime() - before)
                            / cases.get(i).count();
                }
            }
        }
        System.out.println(what);
        for (int i = 0; i < cases.size(); i++) {
            System.out.printf(
                    "  %-12s %6d ns of processor for each, %.2f of the first%n",
                    names.get(i), median(nanos[i]), (double) median(nanos[i]) / median(nanos[0]));
            cases.get(i).close();
        }
    }

    private static long median(long[] values) {
        return IntStream.range(0, values.length).mapToLong(i -> values[i]).sorted().toArray()[values.length / 2];
    }

    private static Message message(int i, int topics) {
        return TestMessages.message("device-" + i % 5_003, "factory/line/" + (100_000 + i % topics), new byte[PAYLOAD_BYTES]);
    }

    private static BufferConfig config(Optional<Path> folder, long maxBytes) {
        return new BufferConfig(folder, maxBytes, Overflow.BLOCK, 16 << 20, Duration.ZERO, Duration.ZERO, true);
    }

    /** What the front door does for each message, but for the network, into a buffer in memory. */
    private static final class Appending implements Case {
        private final SharedBuffer buffer = SharedBuffer.open(config(Optional.empty(), 256 << 20));
        private final List<Attachment> consumers = new ArrayList<>();
        private final List<Message> messages = new ArrayList<>();

        private Appending(int topics, int count) {
            for (int i = 0; i < count; i++) {
                consumers.add(TestMessages.attach(buffer, TestMessages.spec("consumer-" + i, "factory/#", "other/" + i)));
            }
            for (int i = 0; i < MESSAGES; i++) {
                messages.add(message(i, topics));
            }
        }

        @Override
        public void prepare() {
            // nothing
        }

        @Override
        public void run() {
            for (int i = 0; i < MESSAGES; i += BATCH) {
                List<Message> batch = messages.subList(i, i + BATCH);
                for (Message message : batch) {
                    if (buffer.interest(message.topic()) == Interest.NONE) {
                        throw new IllegalStateException("not wanted: " + message.topic());
                    }
                }
                TestMessages.appendAll(buffer, batch);
            }
            LanePositions all = LanePositions.all(consumers.get(0).end() - 1);
            consumers.forEach(consumer -> consumer.acknowledge(all));
        }

        @Override
        public void close() {
            buffer.close();
        }
    }

    /** Tasks that come again, one after the other, to a buffer in memory. */
    private static final class Attaching implements Case {
        private static final int ATTACHMENTS = 2_000;

        private final SharedBuffer buffer = SharedBuffer.open(config(Optional.empty(), 256 << 20));
        private final Attachment[] attached;
        private final int consumers;
        private final int tasks;

        private Attaching(int consumers, int tasks) {
            this.consumers = consumers;
            this.tasks = tasks;
            this.attached = new Attachment[consumers * tasks];
            for (int i = 0; i < attached.length; i++) {
                attach(i);
            }
        }

        private void attach(int i) {
            AttachRequest spec = new AttachRequest(
                    "consumer-" + i % consumers,
                    TestMessages.spec("c", "factory/#", "other/" + i % consumers).filters(),
                    AckMode.BUFFERED,
                    tasks == 1 ? Lanes.ALL : Lanes.NONE.with(i / consumers));
            Attachment again = buffer.attach(spec);
            again.seek(again.acknowledged());
            attached[i] = again;
        }

        @Override
        public int count() {
            return ATTACHMENTS;
        }

        @Override
        public void prepare() {
            // nothing
        }

        @Override
        public void run() {
            for (int i = 0; i < ATTACHMENTS; i++) {
                int which = i % attached.length;
                attached[which].close();
                attach(which);
            }
        }

        @Override
        public void close() {
            buffer.close();
        }
    }

    /** Tasks that read a backlog from the page cache by turns. */
    private static final class Polling implements Case {
        private final Path folder = Files.createTempDirectory("sluice-scale");
        private final SharedBuffer buffer = SharedBuffer.open(config(Optional.of(folder), 1L << 40));
        private final List<Attachment> consumers = new ArrayList<>();
        private final int tasks;
        private final boolean remote;
        private int read;

        /** @param remote whether records are read as they are, as a broker does for workers on other machines */
        private Polling(int topics, int tasks, boolean remote) throws IOException {
            this.tasks = tasks;
            this.remote = remote;
            buffer.attach(TestMessages.spec("keeper"));
            for (int i = 0; i < MESSAGES; i += BATCH) {
                List<Message> batch = new ArrayList<>();
                for (int j = i; j < i + BATCH; j++) {
                    batch.add(message(j, topics));
                }
                TestMessages.appendAll(buffer, batch);
            }
            TestMessages.append(buffer, TestMessages.message("last")).awaitSafe();
        }

        @Override
        public void prepare() {
            consumers.forEach(Attachment::close);
            consumers.clear();
            for (int task = 0; task < tasks; task++) {
                Lanes lanes = tasks == 1 ? Lanes.ALL : Lanes.NONE.with(task);
                Attachment consumer = buffer.attach(new AttachRequest(
                        "c", TestMessages.spec("c", "factory/#").filters(), AckMode.BUFFERED, lanes));
                consumer.seek(LanePositions.all(-1));
                consumers.add(consumer);
            }
        }

        @Override
        public void run() throws InterruptedException {
            read = 0;
            for (boolean more = true; more; ) {
                more = false;
                for (Attachment consumer : consumers) {
                    more |= (remote ? readRecords(consumer) : readMessages(consumer)) < consumer.end();
                }
            }
            if (read < MESSAGES) {
                throw new IllegalStateException("read " + read + " messages");
            }
        }

        private long readMessages(Attachment consumer) throws InterruptedException {
            ReadBatch batch = consumer.read(2_000, 4 << 20, Duration.ZERO);
            read += batch.messages().size();
            return batch.frontier();
        }

        private long readRecords(Attachment consumer) throws InterruptedException {
            RecordBatch batch = consumer.readRecords(1 << 18, Duration.ZERO);
            read += batch.records().remaining() / PAYLOAD_BYTES; // each is a little longer
            return batch.frontier();
        }

        @Override
        public void close() throws IOException {
            buffer.close();
            List<Path> left = new ArrayList<>();
            try (var files = Files.walk(folder)) {
                files.forEach(left::add);
            }
            Collections.reverse(left);
            for (Path path : left) {
                Files.deleteIfExists(path);
            }
        }
    }
}
