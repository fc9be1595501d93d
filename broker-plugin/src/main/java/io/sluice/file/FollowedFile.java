package io.sluice.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Tells when a file is to be read again. One that was read while somebody wrote it may have the same time when it is
 * complete: a file that has just changed counts as changed until it has rested for a while. Thread-safe.
 */
public final class FollowedFile {

    /** Longer than the times of any file system are coarse. */
    private static final Duration RESTED = Duration.ofSeconds(3);

    private record State(FileTime modified, long size) {}

    private final Path path;
    private Optional<State> seen = Optional.empty();
    private boolean rested;

    /** A file that was not read yet. */
    public FollowedFile(Path path) {
        this.path = path;
    }

    /** The file. */
    public Path path() {
        return path;
    }

    /**
     * Whether the file may hold something else than when this was asked last. Ask first, then read.
     *
     * @throws IOException if there is no such file, or it may not be looked at
     */
    public synchronized boolean mayHaveChanged() throws IOException {
        Instant now = Instant.now();
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        Optional<State> found = Optional.of(new State(attributes.lastModifiedTime(), attributes.size()));
        boolean changed = !rested || !found.equals(seen);
        seen = found;
        rested = attributes.lastModifiedTime().toInstant().isBefore(now.minus(RESTED));
        return changed;
    }
}
