package io.sluice.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Makes a program log what matters to its standard output, which goes to its log file. */
public final class ProcessLogging {

    private static final String LOG4J2 = "process-log4j2.xml";

    /** For Kafka Connect before 4.0. */
    private static final String LOG4J1 = "process-log4j1.properties";

    private ProcessLogging() {}

    /** The same Java virtual machine, which logs so; the configurations are put into the folder. */
    public static Jvm of(Path folder, Jvm jvm) {
        return jvm.with(List.of(
                "-Dlog4j2.configurationFile=" + copy(LOG4J2, folder), "-Dlog4j.configuration=" + copy(LOG4J1, folder)));
    }

    private static URI copy(String name, Path folder) {
        Path configuration = folder.resolve(name);
        try (InputStream resource = ProcessLogging.class.getResourceAsStream(name)) {
            if (resource == null) {
                throw new IllegalStateException("The resource " + name + " is missing from the class path");
            }
            Files.createDirectories(folder);
            Files.copy(resource, configuration, StandardCopyOption.REPLACE_EXISTING);
            return configuration.toUri();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + configuration, e);
        }
    }
}
