package io.sluice.testkit;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A Java program and how to run it.
 *
 * @param name what people call it, such as {@code Kafka}
 * @param classPath folders of classes, jars, or {@code folder/*} for all jars of a folder
 * @param mainClass the class to run
 * @param jvm what runs it
 * @param arguments for the program
 * @param log file that everything the program prints is appended to
 */
public record JvmProgram(
        String name, List<Path> classPath, String mainClass, Jvm jvm, List<String> arguments, Path log) {

    public JvmProgram {
        classPath = List.copyOf(classPath);
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
        command.add(jvm.executable().toString());
        command.addAll(jvm.options());
        command.addAll(ClassArchives.options(this));
        command.add("-cp");
        command.add(classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
        command.add(mainClass);
        command.addAll(arguments);
        return command;
    }
}
