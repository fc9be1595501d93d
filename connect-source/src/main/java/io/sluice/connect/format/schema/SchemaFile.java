package io.sluice.connect.format.schema;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a learnt schema is kept, so that it does not start over when the task does. For one thread. */
public final class SchemaFile {

    private final @Nullable Path path;

    private SchemaFile(@Nullable Path path) {
        this.path = path;
    }

    /** A file, whose folder is created when it is written. */
    public static SchemaFile at(Path path) {
        return new SchemaFile(path);
    }

    /** Keeps nothing, for a trial. */
    public static SchemaFile none() {
        return new SchemaFile(null);
    }

    Optional<String> read() {
        try {
            return path == null || !Files.exists(path) ? Optional.empty() : Optional.of(Files.readString(path));
        } catch (IOException e) {
            throw new UncheckedIOException("the learnt schema in " + path + " cannot be read: " + e, e);
        }
    }

    /** Keeps a document instead of the one before; one of them is there, whole, whenever the machine may stop. */
    void write(String document) throws IOException {
        if (path == null) {
            return;
        }
        Path folder = path.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        Path written = path.resolveSibling(path.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                written, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            Channels.newOutputStream(channel).write(document.getBytes(StandardCharsets.UTF_8));
            channel.force(true);
        }
        Files.move(written, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel renamed = FileChannel.open(folder, StandardOpenOption.READ)) {
            renamed.force(true);
        }
    }

    @Override
    public String toString() {
        return path == null ? "a trial" : path.toString();
    }
}
