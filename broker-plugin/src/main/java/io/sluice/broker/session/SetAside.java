package io.sluice.broker.session;

import io.sluice.file.Folder;
import java.io.IOException;
import java.util.List;

/** Renames files that cannot be read, for those who want to look at them. */
final class SetAside {

    private SetAside() {}

    /** Gives a file the next free name; returns it. */
    static String rename(Folder folder, String name) throws IOException {
        List<String> taken = folder.names();
        int number = 1;
        while (taken.contains(name + ".unreadable-" + number)) {
            number++;
        }
        String aside = name + ".unreadable-" + number;
        folder.rename(name, aside);
        return aside;
    }
}
