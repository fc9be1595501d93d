package io.sluice.buffer;

import io.sluice.file.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The checkpoint files. Two names take turns, so that there is an older one when the newer one is found damaged; each is
 * replaced in one step: written beside it, forced, renamed.
 */
final class Checkpoints {

    static final List<String> NAMES = List.of("checkpoint.0", "checkpoint.1");
    static final String TEMPORARY = "checkpoint.new";

    private Checkpoints() {}

    /**
     * What was found.
     *
     * @param newest the newest one that is intact
     * @param damaged names of those that are not
     */
    record Found(Optional<Checkpoint> newest, List<String> damaged) {}

    static Found read(Folder folder, List<String> names) throws IOException {
        Optional<Checkpoint> newest = Optional.empty();
        List<String> damaged = new ArrayList<>();
        for (String name : NAMES) {
            if (!names.contains(name)) {
                continue;
            }
            Optional<Checkpoint> found = read(folder, name);
            if (found.isEmpty()) {
                damaged.add(name);
            } else if (newest.isEmpty() || found.get().sequence() > newest.get().sequence()) {
                newest = found;
            }
        }
        return new Found(newest, damaged);
    }

    private static Optional<Checkpoint> read(Folder folder, String name) throws IOException {
        try (Folder.File file = folder.open(name)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), Integer.MAX_VALUE / 2));
            while (bytes.hasRemaining() && file.read(bytes, bytes.position()) >= 0) {
                // reads on
            }
            return Checkpoint.decode(bytes.flip());
        } catch (BufferException e) {
            throw new BufferException(name + " in " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    static void write(Folder folder, Checkpoint checkpoint) throws IOException {
        folder.delete(TEMPORARY);
        try (Folder.File file = folder.create(TEMPORARY)) {
            file.write(checkpoint.encode(), 0);
            file.force();
        }
        folder.rename(TEMPORARY, NAMES.get((int) (checkpoint.sequence() % NAMES.size())));
        folder.force();
    }
}
