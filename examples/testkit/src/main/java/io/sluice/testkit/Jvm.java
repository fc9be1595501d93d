package io.sluice.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A Java virtual machine to run a program in.
 *
 * @param home the folder in whose {@code bin} it is
 * @param options for it
 * @param environment variables beside those of this process
 * @param archivesClasses whether programs leave an archive of the classes that they had loaded ({@link ClassArchives}),
 *     instead of starting from one
 */
public record Jvm(Path home, List<String> options, Map<String, String> environment, boolean archivesClasses) {

    private static final Path OWN_HOME = Path.of(System.getProperty("java.home"));

    public Jvm {
        options = List.copyOf(options);
        environment = Map.copyOf(environment);
    }

    private Jvm(String... options) {
        this(OWN_HOME, List.of(options), Map.of(), false);
    }

    /** The one of this process with little memory and a quick start; what is under load for minutes wants another. */
    public static Jvm smallAndQuick() {
        return new Jvm(
                "-Xmx512m", "-XX:MetaspaceSize=128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");
    }

    /**
     * The one of this process, for a program under load for minutes.
     *
     * @param heapMb most memory for objects, in MiB
     */
    public static Jvm underLoad(int heapMb) {
        return new Jvm("-Xmx" + heapMb + "m", "-XX:+UseG1GC");
    }

    /** The same of another installation. */
    public Jvm at(Path otherHome) {
        return new Jvm(otherHome, options, environment, archivesClasses);
    }

    /** The same with more options. */
    public Jvm with(List<String> more) {
        List<String> all = new ArrayList<>(options);
        all.addAll(more);
        return new Jvm(home, all, environment, archivesClasses);
    }

    /** The same with these variables in its environment. */
    public Jvm withEnvironment(Map<String, String> variables) {
        return new Jvm(home, options, variables, archivesClasses);
    }

    /** The same, and its programs leave archives of their classes. */
    Jvm archivingClasses() {
        return new Jvm(home, options, environment, true);
    }

    /** Whether it is the one that this process runs in. */
    boolean isOwn() {
        return home.equals(OWN_HOME);
    }

    Path executable() {
        return home.resolve("bin").resolve("java");
    }
}
