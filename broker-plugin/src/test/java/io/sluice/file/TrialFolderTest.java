package io.sluice.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sluice.file.TrialFolder.Change;
import io.sluice.file.TrialFolder.Deed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrialFolderTest {

    private static final int SIZE = 200_000;

    @TempDir
    Path dir;

    private DiskFolder folder;
    private TrialFolder trial;

    @BeforeEach
    void open() throws IOException {
        Files.writeString(dir.resolve("a"), "a".repeat(SIZE));
        Files.writeString(dir.resolve("b"), "b");
        folder = DiskFolder.openToRead(dir);
        trial = new TrialFolder(folder);
    }

    @AfterEach
    void nothing_has_changed() throws IOException {
        trial.close();
        folder.close();
        assertThat(dir.resolve("a")).hasContent("a".repeat(SIZE));
        assertThat(dir.resolve("b")).hasContent("b");
        assertThat(dir).isDirectoryNotContaining(file -> !file.endsWith("a") && !file.endsWith("b"));
    }

    @Test
    void what_is_written_is_read_over_what_is_there() throws IOException {
        try (Folder.File file = trial.open("a")) {
            file.write(bytes("x".repeat(70_000)), 65_000);
            file.write(bytes("y"), 100_000);
        }

        assertThat(text("a"))
                .isEqualTo("a".repeat(65_000) + "x".repeat(35_000) + "y" + "x".repeat(34_999) + "a".repeat(65_000));
        assertThat(trial.changes()).isEmpty();
    }

    @Test
    void a_file_that_is_cut_off_has_zeros_where_it_is_written_to_later() throws IOException {
        try (Folder.File file = trial.open("a")) {
            file.write(bytes("x"), 10);
            file.truncate(5);
            file.write(bytes("z"), 12);
        }

        assertThat(text("a")).isEqualTo("aaaaa" + "\0".repeat(7) + "z");
        assertThat(trial.changes()).containsExactly(new Change(Deed.CUT, "a", Integer.toString(SIZE - 5)));
    }

    @Test
    void files_come_go_and_change_their_names() throws IOException {
        try (Folder.File file = trial.create("new")) {
            file.write(bytes("n"), 0);
        }
        trial.rename("b", "c");
        trial.delete("a");
        trial.delete("nothing");
        try (Folder.File file = trial.open("c")) {
            file.write(bytes("d"), 0);
        }

        assertThat(trial.names()).containsExactlyInAnyOrder("new", "c");
        assertThat(text("new")).isEqualTo("n");
        assertThat(text("c")).isEqualTo("d");
        assertThat(trial.changes())
                .containsExactly(
                        new Change(Deed.RENAMED, "b", "c"),
                        new Change(Deed.DELETED, "a", ""),
                        new Change(Deed.BEGUN_ANEW, "b", ""));
    }

    @Test
    void a_folder_that_is_looked_at_refuses_to_be_changed_and_to_be_opened_by_a_store() throws IOException {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> folder.create("x"))
                .withMessageContaining("is open to be read only");
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> folder.delete("a"));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> folder.rename("a", "x"));
        assertThatExceptionOfType(FolderInUseException.class).isThrownBy(() -> DiskFolder.open(dir));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private String text(String name) throws IOException {
        try (Folder.File file = trial.open(name)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            while (bytes.hasRemaining() && file.read(bytes, bytes.position()) >= 0) {
                // reads on
            }
            return new String(bytes.array(), UTF_8);
        }
    }
}
