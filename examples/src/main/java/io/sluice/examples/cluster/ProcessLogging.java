package io.sluice.examples.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Makes a program log what matters to its standard output, which goes to its log file. */
public final class ProcessLogging {

    private static final String CONFIGURATION = "process-log4j2.xml";

    private ProcessLogging() {}

    /** The options of a Java virtual machine that logs so; the configuration is put into the folder. */
    public static List<String> options(Path folder, List<String> jvmOptions) {
        Path configuration = folder.resolve(CONFIGURATION);
        try (InputStream resource = ProcessLogging.class.getResourceAsStream(CONFIGURATION)) {
            if (resource == null) {
                throw new IllegalStateException("The resource " + CONFIGURATION + " is missing from the class path");
            }
            Files.createDirectories(folder);
            Files.copy(resource, configuration, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + configuration, e);
        }
        List<String> options = new ArrayList<>(jvmOptions);
        options.add("-Dlog4j2.configurationFile=" + configuration.toUri());
        return options;
    }
}
