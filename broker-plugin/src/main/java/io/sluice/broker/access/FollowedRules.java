package io.sluice.broker.access;

import io.sluice.file.FollowedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of rules that is read again when it has changed. A change counts once it was found the same twice, so that a
 * file that is still being written locks nobody out. While the file cannot be used, the former rules stay in force.
 * Thread-safe.
 *
 * @param <T> the rules
 */
final class FollowedRules<T> {

    private static final Logger LOG = LoggerFactory.getLogger(FollowedRules.class);

    private final String what;
    private final FollowedFile file;
    private final BiFunction<String, Path, List<String>> reader;
    private final BiFunction<Path, List<String>, T> parser;
    private Found accepted;
    private Found last;
    private Found refused;
    private volatile T current;
    private boolean hasChanged;

    /** Stays until it was read: a look that ends halfway, such as for want of memory, has taken note of the file's time. */
    private boolean isToBeRead;

    /** What was found: lines, or why there are none. */
    private record Found(List<String> lines, String complaint) {}

    /**
     * @param what the file's name in messages
     * @param parser throws {@link AccessException}
     * @throws AccessException if it cannot be read or understood
     */
    FollowedRules(String what, Path path, BiFunction<Path, List<String>, T> parser) {
        this(what, path, TextFile::lines, parser);
    }

    /** @param reader reads the lines as {@link TextFile#lines} does */
    FollowedRules(
            String what,
            Path path,
            BiFunction<String, Path, List<String>> reader,
            BiFunction<Path, List<String>, T> parser) {
        this.what = what;
        this.file = new FollowedFile(path);
        this.reader = reader;
        this.parser = parser;
        mayHaveChanged();
        accepted = new Found(reader.apply(what, path), "");
        current = parser.apply(path, accepted.lines);
        last = accepted;
        refused = accepted;
    }

    T current() {
        return current;
    }

    /**
     * Looks at the file again, some time after the last look; returns whether {@link #current} has changed. A change whose line
     * the log did not take is told by the next look: whoever is not let in any more must not stay for that.
     */
    synchronized boolean look() {
        // One that cannot be read now perhaps can later, unchanged.
        boolean isSettled = last.complaint.isEmpty() && (last.equals(accepted) || last.equals(refused));
        isToBeRead |= mayHaveChanged();
        if (!isSettled || isToBeRead) {
            Found now = find();
            isToBeRead = false;
            if (now.equals(last) && !now.equals(accepted) && !now.equals(refused)) {
                take(now);
            }
            last = now;
        }
        boolean isToBeTold = hasChanged;
        hasChanged = false;
        return isToBeTold;
    }

    private void take(Found now) {
        try {
            if (!now.complaint.isEmpty()) {
                throw new AccessException(now.complaint);
            }
            current = parser.apply(file.path(), now.lines);
            hasChanged = true;
            accepted = now;
            refused = now;
            LOG.info("The {} {} has changed and is in force", what, file.path());
            AuditLog.reload(what, file.path(), "");
        } catch (AccessException e) {
            refused = now;
            LOG.warn("The changed {} cannot be used, and its previous content stays in force: {}", what, e.sentence());
            AuditLog.reload(what, file.path(), e.sentence());
        }
    }

    private Found find() {
        try {
            return new Found(reader.apply(what, file.path()), "");
        } catch (AccessException e) {
            return new Found(List.of(), e.sentence());
        }
    }

    private boolean mayHaveChanged() {
        try {
            return file.mayHaveChanged();
        } catch (IOException e) {
            return true;
        }
    }
}
