package io.sluice.broker.hostile;

import static org.awaitility.Awaitility.await;

import io.sluice.TestProcess;
import io.sluice.broker.TestKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A standalone broker in a process that has 256 MiB of heap, with a listener of each kind on loopback. */
final class Standalone implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(60);

    private final Process process;
    private final Path log;
    /** Attacks ask for ports and new lines thousands of times, and a log grows to megabytes: it is read once. */
    private final List<String> lines = new ArrayList<>();

    private final List<String> answers = new ArrayList<>();
    private final Map<String, Integer> ports = new HashMap<>();
    private long readBytes;
    private int questions;

    /**
     * What a broker holds.
     *
     * @param heap after a garbage collection, in bytes
     * @param direct buffers of Netty that were not released, in bytes
     * @param files sockets and files that are open
     */
    record Held(long heap, long direct, long files) {}

    private Standalone(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts a broker and waits until it is ready.
     *
     * @param dir where its files are; what is there from an earlier broker is used
     * @param lines more lines of its configuration
     */
    static Standalone start(Path dir, String... lines) throws GeneralSecurityException, IOException {
        TestKeys keys = new TestKeys(dir);
        if (!Files.exists(keys.file("broker"))) {
            keys.make("broker");
        }
        List<String> config = new ArrayList<>(List.of(
                "host 127.0.0.1",
                "port 0",
                "ssl_port 0",
                "websocket_port 0",
                "jks_path " + keys.file("broker"),
                "key_store_type pkcs12",
                "key_store_password " + TestKeys.PASSWORD,
                "sluice.buffer.dir " + dir.resolve("data"),
                "sluice.broker.stall.timeout.ms 3000",
                "sluice.drain.listener tcp://127.0.0.1:0"));
        config.addAll(List.of(lines));
        Path file = Files.write(dir.resolve("broker.conf"), config);
        Path log = Files.createTempFile(dir, "broker", ".log");
        Process process = TestProcess.of(
                        List.of("-Xmx256m", "-XX:+ExitOnOutOfMemoryError"), Victim.class, "--config", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            await().atMost(START).until(() -> {
                if (!process.isAlive()) {
                    throw new IllegalStateException("The broker has ended:\n" + Files.readString(log));
                }
                return Files.readString(log).contains("Ready: ");
            });
            return new Standalone(process, log);
        } catch (RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** The port of the listener {@code tcp}, {@code ssl} or {@code ws}. */
    int port(String scheme) {
        return port(scheme, "Ready: .*?\\b" + scheme + "://127\\.0\\.0\\.1:(\\d+)");
    }

    int port() {
        return port("tcp");
    }

    /** Where the buffer is served. */
    int drainPort() {
        return port("drain", "is served at tcp://127\\.0\\.0\\.1:(\\d+)");
    }

    private synchronized int port(String name, String pattern) {
        return ports.computeIfAbsent(
                name,
                absent -> log().stream()
                        .map(Pattern.compile(pattern)::matcher)
                        .filter(Matcher::find)
                        .map(found -> Integer.parseInt(found.group(1)))
                        .findFirst()
                        .orElseThrow());
    }

    /** All that it has written to its log. */
    synchronized List<String> log() {
        readOn();
        return List.copyOf(lines);
    }

    /** As far as lines are whole. */
    private void readOn() {
        try (SeekableByteChannel file = Files.newByteChannel(log)) {
            ByteBuffer more = ByteBuffer.allocate(Math.toIntExact(file.size() - readBytes));
            file.position(readBytes);
            while (more.hasRemaining() && file.read(more) >= 0) {}
            String text = new String(more.array(), 0, more.position(), StandardCharsets.ISO_8859_1);
            int whole = text.lastIndexOf('\n') + 1;
            readBytes += whole;
            text.substring(0, whole)
                    .lines()
                    .forEach(line -> (line.startsWith(Victim.ANSWER) ? answers : lines).add(line));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** What it holds now, after a garbage collection. */
    synchronized Held held() {
        String question = Integer.toString(++questions);
        try {
            process.getOutputStream().write((question + "\n").getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new IllegalStateException("The broker has ended:\n" + String.join("\n", log()), e);
        }
        String prefix = Victim.ANSWER + question + " ";
        return await().atMost(START)
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> {
                            readOn();
                            return answers.stream()
                                    .filter(line -> line.startsWith(prefix))
                                    .findFirst();
                        },
                        Optional::isPresent)
                .map(line -> line.substring(prefix.length()).split(" "))
                .map(numbers ->
                        new Held(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2])))
                .orElseThrow();
    }

    /** SIGTERM, and waits for the end. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("The broker does not end:\n" + String.join("\n", log()));
        }
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
