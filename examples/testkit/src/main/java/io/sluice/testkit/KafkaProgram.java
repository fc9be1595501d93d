package io.sluice.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** A program from Kafka's jars in a separate process, which can be ended and started again. Not thread-safe. */
abstract class KafkaProgram implements AutoCloseable {

    final Path folder;
    final Path log;
    private final String name;
    private final Path libraries;
    private final Jvm jvm;
    private @Nullable JvmProcess process;

    /**
     * @param name what people call it
     * @param libraries folder with Kafka's jars
     * @param folder for its configuration, data and log; created if missing
     * @param log file name of its log
     */
    KafkaProgram(String name, Path libraries, Path folder, String log, Jvm jvm) {
        this.name = name;
        this.libraries = libraries;
        this.folder = folder;
        this.log = folder.resolve(log);
        this.jvm = jvm;
    }

    /** Starts it, and does not wait until it is ready. */
    final JvmProcess launch(String mainClass, List<String> arguments) {
        JvmProcess started = JvmProcess.start(program(name, mainClass, arguments));
        process = started;
        return started;
    }

    /** Another program from the same jars, which logs to the same file. */
    final JvmProgram program(String title, String mainClass, List<String> arguments) {
        return new JvmProgram(
                title, List.of(libraries.resolve("*")), mainClass, ProcessLogging.of(folder, jvm), arguments, log);
    }

    /** Writes settings as Kafka's programs read them. */
    final void write(Path file, Map<String, String> settings) {
        Properties properties = new Properties();
        properties.putAll(settings);
        try {
            Files.createDirectories(folder);
            try (Writer writer = Files.newBufferedWriter(file)) {
                properties.store(writer, null);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }

    /** Ends it as a power cut would (SIGKILL). */
    public final void kill() {
        if (process != null) {
            process.kill();
        }
    }

    /** Ends it in an orderly way, or by force if it does not end. Idempotent. */
    @Override
    public final void close() {
        if (process != null) {
            process.close();
        }
    }

    /** The process, which has been started. */
    public final JvmProcess process() {
        return Objects.requireNonNull(process, name + " was not started");
    }
}
