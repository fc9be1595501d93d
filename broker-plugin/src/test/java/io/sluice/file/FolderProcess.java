package io.sluice.file;

import io.sluice.TestProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A process that tries to open a folder, and says by its exit code whether it could. */
final class FolderProcess {

    private static final int IN_USE = 3;

    private FolderProcess() {}

    public static void main(String[] arguments) throws IOException {
        try {
            DiskFolder.open(Path.of(arguments[0])).close();
        } catch (FolderInUseException e) {
            System.exit(IN_USE);
        }
    }

    /** Whether another process finds a folder in use. */
    static boolean findsInUse(Path folder) throws IOException, InterruptedException {
        int exitCode = TestProcess.of(List.of(), FolderProcess.class, folder.toString())
                .inheritIO()
                .start()
                .waitFor();
        if (exitCode != 0 && exitCode != IN_USE) {
            throw new IOException("the process has failed with exit code " + exitCode);
        }
        return exitCode == IN_USE;
    }
}
