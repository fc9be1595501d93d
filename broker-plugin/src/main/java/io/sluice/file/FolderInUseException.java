package io.sluice.file;

import java.io.IOException;
import java.nio.file.Path;

/** Another store of this process, or another process, has the folder open. */
public final class FolderInUseException extends IOException {

    private static final long serialVersionUID = 1L;

    FolderInUseException(Path folder) {
        super(folder + " is in use");
    }
}
