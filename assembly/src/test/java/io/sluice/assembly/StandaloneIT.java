package io.sluice.assembly;

import io.sluice.testkit.ConnectWorker.Mode;
import io.sluice.testkit.Jvm;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("soak")
class StandaloneIT {

    @RegisterExtension
    static final Installed INSTALLED = new Installed();

    @TempDir
    Path folder;

    @Test
    void a_standalone_worker_runs_the_archive_from_a_properties_file() throws Exception {
        Path libraries = Path.of(System.getProperty("kafka.libraries"));
        new Acceptance(
                        "standalone",
                        Mode.STANDALONE,
                        libraries,
                        Jvm.smallAndQuick(),
                        INSTALLED.kafka(),
                        INSTALLED.plugins(),
                        folder)
                .check();
    }
}
