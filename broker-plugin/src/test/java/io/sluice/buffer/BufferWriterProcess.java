package io.sluice.buffer;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.Message;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/**
 * A process that appends at full speed on several threads until it is killed, and says on its standard output, a line
 * each, what it was told is safe ({@code S thread number}), and what its reader was given ({@code R position thread
 * number}).
 */
final class BufferWriterProcess {

    static final int THREADS = 3;
    private static final int BATCH = 25;

    private BufferWriterProcess() {}

    static BufferConfig config(Path dir) {
        return new BufferConfig(Optional.of(dir), 1L << 30, Overflow.BLOCK, 1 << 20, Duration.ZERO, Duration.ofDays(7));
    }

    /** A payload that shows its number, its length, and any byte that is wrong. */
    static Message message(int thread, long number) {
        byte[] payload = new byte[16 + (int) (number % 300)];
        ByteBuffer.wrap(payload).putLong(thread).putLong(number);
        for (int i = 16; i < payload.length; i++) {
            payload[i] = (byte) (number + i);
        }
        return TestMessages.message("client-" + thread, "load/" + number % 50, payload);
    }

    public static void main(String[] args) throws InterruptedException {
        SharedBuffer buffer = SharedBuffer.open(config(Path.of(args[0])));
        long first = Long.parseLong(args[1]);
        Attachment consumer = TestMessages.attach(buffer, TestMessages.spec("reader"));
        PrintStream out = System.out;
        for (int thread = 0; thread < THREADS; thread++) {
            int id = thread;
            start(() -> write(buffer, id, first, out));
        }
        start(() -> readOn(consumer, out));
        new CountDownLatch(1).await();
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        thread.start();
    }

    private static void write(SharedBuffer buffer, int thread, long first, PrintStream out) {
        for (long next = first; ; next += BATCH) {
            List<Message> batch = new ArrayList<>();
            for (long number = next; number < next + BATCH; number++) {
                batch.add(message(thread, number));
            }
            append(buffer, batch, thread, next, out);
        }
    }

    private static void append(SharedBuffer buffer, List<Message> batch, int thread, long first, PrintStream out) {
        int accepted = 0;
        while (accepted < batch.size()) {
            CompletableFuture<Long> last = new CompletableFuture<>();
            Admission admission = buffer.append(batch.subList(accepted, batch.size()), new AppendListener() {
                @Override
                public void safe() {
                    // the number may become known only after the append is safe: append is still returning
                    var unused = last.thenAccept(number -> say(out, "S " + thread + " " + number + "\n"));
                }

                @Override
                public void failed(BufferException cause) {
                    say(out, "F " + cause + "\n");
                }
            });
            accepted += admission.accepted();
            last.complete(first + accepted - 1);
            if (admission.rest() == Admission.Rest.WAIT) {
                CountDownLatch space = new CountDownLatch(1);
                buffer.whenFree(space::countDown);
                awaitSpace(space);
            }
        }
    }

    private static void awaitSpace(CountDownLatch space) {
        try {
            space.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void readOn(Attachment consumer, PrintStream out) {
        try {
            while (true) {
                List<StoredMessage> messages =
                        consumer.read(10_000, 1 << 20, Duration.ofSeconds(1)).messages();
                if (!messages.isEmpty()) {
                    StoredMessage last = messages.get(messages.size() - 1);
                    ByteBuffer payload = last.message().payload();
                    say(out, "R " + last.position() + " " + payload.getLong(0) + " " + payload.getLong(8) + "\n");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One system call a line, so that a line is whole or not there. */
    private static void say(PrintStream out, String line) {
        try {
            out.write(line.getBytes(StandardCharsets.US_ASCII));
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
