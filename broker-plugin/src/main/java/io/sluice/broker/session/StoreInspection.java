package io.sluice.broker.session;

import io.sluice.file.DiskFolder;
import io.sluice.file.Folder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/** What a folder of MQTT sessions holds, while no broker uses it. Changes nothing. */
public final class StoreInspection {

    private StoreInspection() {}

    /**
     * What was found.
     *
     * @param sessions sessions that outlive their connections
     * @param queued messages that wait for them
     * @param retained retained messages
     * @param bytes size of the journal
     * @param damage what is damaged, in a sentence; what comes before it counts above
     */
    public record Contents(int sessions, long queued, int retained, long bytes, Optional<String> damage) {}

    /**
     * Reads a folder; empty if it holds no journal.
     *
     * @param dir {@code sessions} in the buffer's folder
     * @throws IOException if it is in use, or cannot be read
     */
    public static Optional<Contents> read(Path dir) throws IOException {
        if (!Files.isDirectory(dir)) {
            return Optional.empty();
        }
        try (Folder folder = DiskFolder.openToRead(dir)) {
            return folder.names().contains(Journal.NAME)
                    ? Optional.of(read(folder, Files.size(dir.resolve(Journal.NAME))))
                    : Optional.empty();
        }
    }

    private static Contents read(Folder folder, long bytes) throws IOException {
        StoreState state = new StoreState(
                SessionLimits.DEFAULT.ofAnySessions(), new StoreClock(InstantSource.system(), System::nanoTime));
        try (JournalFile file = JournalFile.open(folder, Journal.NAME)) {
            String damage = new Replay(state, file).run();
            return new Contents(
                    state.sessions.size(),
                    state.sessions.values().stream()
                            .mapToLong(session -> session.queue.size())
                            .sum(),
                    state.retained.count(),
                    bytes,
                    damage.isEmpty()
                            ? Optional.empty()
                            : Optional.of("The journal is damaged at byte " + file.end() + " of " + bytes + ": "
                                    + damage + "."));
        } catch (DamagedException e) {
            return new Contents(0, 0, 0, bytes, Optional.of("The journal cannot be read: " + e.getMessage() + "."));
        }
    }
}
