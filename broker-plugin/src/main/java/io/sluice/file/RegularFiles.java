package io.sluice.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Lists the files in a folder. Stateless. */
public final class RegularFiles {

    private RegularFiles() {}

    /**
     * The regular files of a folder, and what links to one, in the order of their names.
     *
     * @throws IOException if the folder cannot be listed, also if the disk fails in the middle of it
     */
    public static List<Path> of(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
