package io.sluice.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class MemoryFolderTest {

    private static final int BYTES = 100_000;

    private final MemoryFolder folder = new MemoryFolder(1 << 20);

    private void write(String name) throws IOException {
        folder.create(name).write(ByteBuffer.allocate(BYTES), 0);
    }

    @Test
    void files_that_are_replaced_or_deleted_give_back_what_they_took() throws Exception {
        for (int i = 0; i < 100; i++) {
            write("new");
            folder.rename("new", "kept");
            write("gone");
            folder.delete("gone");
        }

        assertThat(folder.names()).containsExactly("kept");
    }

    @Test
    void more_than_it_takes_is_refused_as_by_a_full_disk_until_something_is_deleted() throws Exception {
        write("first");

        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        write("file-" + i);
                    }
                })
                .isInstanceOf(IOException.class);

        folder.delete("first");
        write("another");
    }
}
