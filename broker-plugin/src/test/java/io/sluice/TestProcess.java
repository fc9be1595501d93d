package io.sluice;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Programs of the tests that run in a separate JVM, to be killed, or to have little memory. */
public final class TestProcess {

    private TestProcess() {}

    /**
     * A program with the classes of the tests. Its JVM ends after seconds: what the second compiler and a collector with
     * threads cost in it does not come back.
     *
     * @param options of the JVM
     */
    public static ProcessBuilder of(List<String> options, Class<?> program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:MetaspaceSize=128m"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }
}
