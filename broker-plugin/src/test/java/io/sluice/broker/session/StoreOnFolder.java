package io.sluice.broker.session;

import io.sluice.file.Folder;
import java.io.IOException;
import java.time.InstantSource;

/** Opens a store in a folder of a test's own. */
public final class StoreOnFolder {

    private StoreOnFolder() {}

    public static SessionStore open(Folder folder) throws IOException {
        return SessionStore.open(
                folder,
                SessionLimits.DEFAULT,
                new StoreClock(InstantSource.system(), System::nanoTime),
                Journal.SMALL_BYTES);
    }
}
