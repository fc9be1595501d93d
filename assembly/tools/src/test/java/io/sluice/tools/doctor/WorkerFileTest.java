package io.sluice.tools.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerFileTest {

    @Test
    void a_folder_of_the_plugin_path_whose_path_is_none_does_not_end_the_count(@TempDir Path plugins) throws Exception {
        Files.createFile(plugins.resolve("sluice-connect-source-1.jar"));

        assertThat(new WorkerFile(Map.of("plugin.path", "/a\u0000b," + plugins)).plugins())
                .isEqualTo(1);
    }

    @Test
    void a_folder_of_the_plugin_path_that_may_not_be_read_does_not_end_the_count(@TempDir Path plugins)
            throws Exception {
        Path locked = Files.createDirectory(plugins.resolve("locked"));
        Path other = Files.createDirectory(plugins.resolve("other"));
        Files.createFile(other.resolve("sluice-connect-source-1.jar"));
        Files.setPosixFilePermissions(locked, Set.of());
        assumeFalse(Files.isReadable(locked), "root reads everything");

        assertThat(new WorkerFile(Map.of("plugin.path", plugins + "," + other)).plugins())
                .isEqualTo(1);
    }
}
