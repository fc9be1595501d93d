package io.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassArchivesTest {

    @TempDir
    private Path jars;

    @Test
    void a_program_starts_from_its_archive_once_that_is_whole() throws Exception {
        Path archive = jars.resolve("a.Main-" + Runtime.version() + ".jsa");
        assertThat(options(Jvm.smallAndQuick())).isEmpty();

        Path unfinished = jars.resolve(archive.getFileName() + ".new");
        assertThat(options(Jvm.smallAndQuick().archivingClasses()))
                .containsExactly("-XX:ArchiveClassesAtExit=" + unfinished);
        Files.createFile(unfinished);
        assertThat(options(Jvm.smallAndQuick())).isEmpty();

        Files.move(unfinished, archive);
        assertThat(options(Jvm.smallAndQuick())).containsExactly("-XX:SharedArchiveFile=" + archive);
    }

    @Test
    void another_java_does_without() throws Exception {
        Files.createFile(jars.resolve("a.Main-" + Runtime.version() + ".jsa"));
        assertThat(options(Jvm.smallAndQuick().at(Path.of("/opt/another-java"))))
                .isEmpty();
    }

    private List<String> options(Jvm jvm) {
        return ClassArchives.options(
                new JvmProgram("Main", List.of(jars.resolve("*")), "a.Main", jvm, List.of(), jars.resolve("log")));
    }
}
