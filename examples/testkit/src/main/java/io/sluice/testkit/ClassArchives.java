package io.sluice.testkit;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/**
 * Archives of the classes that Kafka and Connect workers load (the JDK's class data sharing, JEP 350): who starts from one
 * is ready in half the time. They lie beside the jars. One that is of other jars is not used; one that is cut off would crash who starts from it, so
 * that each has its name only once the program that wrote it has ended in order.
 */
public final class ClassArchives {

    private static final String ALL_JARS = "*";

    /** The end of the name of an archive that may not be whole. */
    private static final String UNFINISHED = ".new";

    private ClassArchives() {}

    /**
     * Makes the archives of a folder of jars, unless they are there: lets each program run once. A minute at most.
     *
     * @param arguments the folder
     */
    public static void main(String... arguments) throws IOException {
        Path libraries = Path.of(arguments[0]);
        if (Files.exists(archive(libraries, ConnectWorker.Mode.DISTRIBUTED.mainClass()))) {
            return;
        }
        Jvm jvm = Jvm.smallAndQuick().archivingClasses();
        try (TemporaryFolder folder = TemporaryFolder.create("sluice-archives")) {
            KafkaServer kafka = new KafkaServer(libraries, folder.path().resolve("kafka"), jvm);
            ConnectWorker worker = new ConnectWorker(
                    ConnectWorker.Mode.DISTRIBUTED,
                    libraries,
                    Files.createDirectory(folder.path().resolve("plugins")),
                    kafka.bootstrapServers(),
                    folder.path().resolve("worker"),
                    Map.of(),
                    jvm);
            try (kafka;
                    worker) {
                kafka.start();
                worker.start();
            }
            if (worker.process().hasEndedInOrder() && kafka.process().hasEndedInOrder()) {
                name(libraries);
            }
        }
    }

    private static void name(Path libraries) throws IOException {
        try (DirectoryStream<Path> finished = Files.newDirectoryStream(libraries, "*" + UNFINISHED)) {
            for (Path archive : finished) {
                String name = archive.getFileName().toString();
                Files.move(
                        archive,
                        archive.resolveSibling(name.substring(0, name.length() - UNFINISHED.length())),
                        StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    /** What makes a program leave an archive, or start from the one that is there. */
    static List<String> options(JvmProgram program) {
        Path first = program.classPath().get(0);
        Path jars = first.getParent();
        if (jars == null || !first.endsWith(ALL_JARS) || !program.jvm().isOwn()) {
            return List.of();
        }
        Path archive = archive(jars, program.mainClass());
        if (program.jvm().archivesClasses()) {
            return List.of("-XX:ArchiveClassesAtExit=" + archive + UNFINISHED);
        }
        return Files.exists(archive) ? List.of("-XX:SharedArchiveFile=" + archive) : List.of();
    }

    /** For one version of Java: others cannot read it. */
    private static Path archive(Path jars, String mainClass) {
        return jars.resolve(mainClass + "-" + Runtime.version() + ".jsa");
    }
}
