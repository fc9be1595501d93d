package io.sluice.examples.cluster;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A Java program and how to run it.
 *
 * @param name what people call it, such as {@code Kafka}
 * @param libraries folder whose jars are the whole class path
 * @param mainClass the class to run
 * @param jvmOptions for the Java virtual machine
 * @param arguments for the program
 * @param log file that everything the program prints is appended to
 */
record JvmProgram(
        String name, Path libraries, String mainClass, List<String> jvmOptions, List<String> arguments, Path log) {

    /** Little memory and a quick start; a program under load for minutes wants others. */
    static final List<String> SMALL_AND_QUICK =
            List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

    JvmProgram {
        jvmOptions = List.copyOf(jvmOptions);
        arguments = List.copyOf(arguments);
    }

    /**
     * The command line.
     *
     * <p>Through a shell that ignores interrupts and hang-ups and then becomes the program: Ctrl-C reaches every process
     * of a terminal at once, and it is for the one in front to end the others in their order.
     */
    List<String> command() {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "trap '' INT HUP; exec \"$@\"", name));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.add("-cp");
        command.add(libraries + File.separator + "*");
        command.add(mainClass);
        command.addAll(arguments);
        return command;
    }
}
