package io.sluice.buffer;

import io.sluice.buffer.log.BufferException;
import io.sluice.file.DiskFolder;
import io.sluice.file.Folder;
import io.sluice.file.FolderInUseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens {@code buffer.dir}, and says what is wrong with it in its own words. */
final class BufferFolder {

    private BufferFolder() {}

    /** @throws BufferException if it cannot be made, written or locked */
    static Folder open(Path dir) {
        try {
            return DiskFolder.open(dir);
        } catch (FolderInUseException e) {
            throw new BufferException(
                    "buffer.dir " + dir + " is in use by another broker; set another folder for this broker, or stop"
                            + " the other one first",
                    e);
        } catch (IOException e) {
            throw new BufferException("buffer.dir " + dir + " cannot be opened: " + e, e);
        }
    }

    /** Opens it to look at it. Nothing is made or changed. */
    static Folder openToRead(Path dir) {
        if (!Files.isDirectory(dir)) {
            throw new BufferException(dir + " is not a folder");
        }
        try {
            return DiskFolder.openToRead(dir);
        } catch (FolderInUseException e) {
            throw inUse(dir, e);
        } catch (IOException e) {
            throw new BufferException(dir + " cannot be read: " + e, e);
        }
    }

    /** Says that a folder cannot be worked on while a broker has it. */
    static BufferException inUse(Path dir, Exception cause) {
        return new BufferException(dir + " is in use by a broker; stop the broker first", cause);
    }
}
