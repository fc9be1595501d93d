package io.sluice.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Tells when a file, or what is in a folder, is to be read again. A file that was read while it was being written may
 * have the same time when it is complete: a file that has just changed counts as changed until it has rested for a
 * while, by its time or because it was found the same meanwhile. Thread-safe.
 */
public final class FollowedFile {

    /** Longer than the times of any file system are coarse. */
    private static final Duration RESTED = Duration.ofSeconds(3);

    /** @param identity of the file (its inode): what replaces it may have its time and its size */
    private record State(FileTime modified, String identity, long content) {}

    private final Path path;

    private final LongSupplier clockNs;

    private Optional<State> seen = Optional.empty();
    private long seenSinceNs;
    private boolean rested;

    /** A file, or a folder of files, that was not read yet. */
    public FollowedFile(Path path) {
        this(path, System::nanoTime);
    }

    /** @param clockNs tells how much time has passed, as {@link System#nanoTime} does */
    FollowedFile(Path path, LongSupplier clockNs) {
        this.path = path;
        this.clockNs = clockNs;
    }

    public Path path() {
        return path;
    }

    /**
     * Whether it may hold something else than when this was asked last. Ask first, then read.
     *
     * @throws IOException if there is no such file, or it may not be looked at
     */
    public synchronized boolean mayHaveChanged() throws IOException {
        Instant now = Instant.now();
        State found = look();
        boolean changed = !rested || !seen.equals(Optional.of(found));
        if (!seen.equals(Optional.of(found))) {
            seen = Optional.of(found);
            seenSinceNs = clockNs.getAsLong();
        }
        // A file from before the clock was set back has a time that is still to come.
        rested = found.modified.toInstant().isBefore(now.minus(RESTED))
                || clockNs.getAsLong() - seenSinceNs >= RESTED.toNanos();
        return changed;
    }

    /** What was found when it was asked last: equal as long as nothing else was found. */
    public synchronized Object version() {
        return seen;
    }

    private State look() throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        if (!attributes.isDirectory()) {
            return new State(attributes.lastModifiedTime(), identity(attributes), attributes.size());
        }
        FileTime latest = attributes.lastModifiedTime();
        long content = 0;
        // Without links whose file is away for a moment.
        for (Path file : RegularFiles.of(path)) {
            BasicFileAttributes each = Files.readAttributes(file, BasicFileAttributes.class);
            FileTime modified = each.lastModifiedTime();
            latest = latest.compareTo(modified) < 0 ? modified : latest;
            content += Objects.hash(file, modified, identity(each), each.size());
        }
        return new State(latest, identity(attributes), content);
    }

    private static String identity(BasicFileAttributes attributes) {
        return String.valueOf(attributes.fileKey());
    }
}
