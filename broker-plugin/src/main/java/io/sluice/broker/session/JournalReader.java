package io.sluice.broker.session;

import io.sluice.broker.session.Change.GroupBegun;
import io.sluice.file.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the journal that a folder holds into the state. A place that cannot be read does not keep the store from
 * opening: what comes before it is kept, and so is the file, under another name.
 */
record JournalReader(Folder folder, StoreState state) {

    private static final Logger LOG = LoggerFactory.getLogger(JournalReader.class);

    /**
     * @param file the journal, from which messages can be read; null if there is none, or it cannot be read at all
     * @param goesOn whether more can be written to it
     * @param setAside whether the file is to be kept under another name when a new one takes its place
     * @param lastGroup says when the store was last open; its number is 0 if the file holds none
     */
    record Found(@Nullable JournalFile file, boolean goesOn, boolean setAside, GroupBegun lastGroup) {

        static Found nothing(boolean setAside) {
            return new Found(null, false, setAside, new GroupBegun(0, 0, 0));
        }
    }

    /** @throws IOException if the folder cannot be listed */
    Found read() throws IOException {
        List<String> names = folder.names();
        if (!names.contains(Journal.NAME)) {
            if (!names.contains(Journal.NEW_NAME) || !isNewOneWhole()) {
                return Found.nothing(false);
            }
            // It was to replace one that was set aside already.
            folder.rename(Journal.NEW_NAME, Journal.NAME);
            folder.force();
        }
        return readJournal();
    }

    private boolean isNewOneWhole() throws IOException {
        try (JournalFile file = JournalFile.open(folder, Journal.NEW_NAME)) {
            JournalScan scan = new JournalScan(file, Long.MAX_VALUE);
            for (ByteBuffer record = scan.next(); record != null; record = scan.next()) {
                if (JournalFormat.isComplete(record)) {
                    return true;
                }
            }
            return false;
        } catch (DamagedException e) {
            return false;
        }
    }

    private Found readJournal() {
        JournalFile file;
        try {
            file = JournalFile.open(folder, Journal.NAME);
        } catch (IOException e) {
            LOG.error(
                    "The journal of MQTT sessions in {} cannot be read: {}. The broker keeps it under another name, and"
                            + " starts without sessions and retained messages",
                    folder,
                    e.getMessage());
            return Found.nothing(true);
        }
        try {
            return replay(file);
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    private Found replay(JournalFile file) {
        Replay replay = new Replay(state, file);
        String damage = replay.run();
        if (damage.isEmpty()) {
            return new Found(file, prepare(file, replay.lastGroupOffset()), false, replay.lastGroup());
        }
        LOG.error(
                "The journal of MQTT sessions in {} is damaged at byte {} of {} ({}). The broker keeps it under another"
                        + " name, and uses what came before: {} sessions and {} retained messages",
                folder,
                file.end(),
                replay.fileBytes(),
                damage,
                state.sessions.size(),
                state.retained.count());
        return new Found(file, false, true, replay.lastGroup());
    }

    /**
     * Prepares a file for more to be written; returns false if that fails, so that a new journal is needed. What a
     * crash has torn is cut off. The last group is written again: its force may have failed, in which case Linux shows
     * what was written and does not write it any more. The name is forced for the same reason.
     */
    private boolean prepare(JournalFile file, long lastGroupOffset) {
        try {
            if (file.size() > file.end()) {
                file.truncate();
            }
            file.writeAgain(lastGroupOffset);
            folder.delete(Journal.NEW_NAME);
            folder.force();
            return true;
        } catch (IOException e) {
            LOG.debug("{} cannot be written", folder, e);
            return false;
        }
    }
}
