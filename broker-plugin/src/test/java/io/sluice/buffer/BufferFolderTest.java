package io.sluice.buffer;

import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.BufferException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a buffer demands of its folder and its sizes. */
@Timeout(60)
class BufferFolderTest {

    @TempDir
    Path folder;

    @Test
    void a_folder_is_locked_while_it_is_open_and_released_after() {
        SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder));
        assertThatThrownBy(() -> SharedBuffer.open(Kept.ON_DISK.config(folder)))
                .isInstanceOf(BufferException.class)
                .hasMessageContaining(folder.resolve("buffer").toString())
                .hasMessageContaining("in use");
        buffer.close();
        buffer.close();
        SharedBuffer.open(Kept.ON_DISK.config(folder)).close();
    }

    @Test
    void a_folder_that_holds_something_else_is_refused_and_released() throws Exception {
        Path dir = Files.createDirectories(folder.resolve("buffer"));
        Path other = Files.writeString(dir.resolve("invoice.txt"), "not ours");
        assertThatThrownBy(() -> SharedBuffer.open(Kept.ON_DISK.config(folder)))
                .isInstanceOf(BufferException.class)
                .hasMessageContaining("invoice.txt");
        Files.delete(other);
        SharedBuffer.open(Kept.ON_DISK.config(folder)).close();
    }

    @Test
    void sizes_that_do_not_fit_each_other_are_refused_in_a_sentence() {
        assertThatThrownBy(() -> SharedBuffer.open(Kept.IN_MEMORY.config(folder, Overflow.BLOCK, 5000, 4096)))
                .isInstanceOf(BufferException.class)
                .hasMessageContaining("buffer.max.bytes is 5000")
                .hasMessageContaining("4096");
    }

    @Test
    void only_the_owner_can_read_the_files() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            buffer.attach(spec("c"));
        }
        Path dir = folder.resolve("buffer");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir)))
                .isEqualTo("rwx------");
        try (var files = Files.list(dir)) {
            assertThat(files)
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fa-IR", "ar-EG-u-nu-arab", "bn-BD", "en-US"})
    void the_language_of_the_machine_changes_no_file_name(String language) throws Exception {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag(language));
        try {
            try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
                buffer.attach(spec("c"));
                TestMessages.append(buffer, message("kept")).awaitSafe();
            }
            try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder));
                    Attachment consumer = TestMessages.attach(buffer, spec("c"))) {
                assertThat(TestMessages.read(consumer, 1))
                        .extracting(TestMessages::text)
                        .containsExactly("kept");
            }
        } finally {
            Locale.setDefault(before);
        }
    }
}
