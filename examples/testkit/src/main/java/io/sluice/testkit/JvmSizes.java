package io.sluice.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a Java virtual machine on this machine takes, as the JDK's {@code jcmd} and Linux say.
 *
 * @param heapBytes its objects that are in use, after a full collection
 * @param directBytes memory of {@link java.nio.ByteBuffer#allocateDirect} and of Netty; 0 unless it runs with {@link
 *     #JVM_OPTION}
 * @param descriptors open files, sockets and the like
 * @param threads its threads
 * @param residentBytes what it takes of the machine's memory
 */
public record JvmSizes(long heapBytes, long directBytes, long descriptors, long threads, long residentBytes) {

    /** Lets a Java virtual machine count the memory that is not for objects. */
    public static final String JVM_OPTION = "-XX:NativeMemoryTracking=summary";

    private static final int KIB = 1_024;

    private static final Pattern HISTOGRAM_TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)\\s*$");

    /** What the JDK allocates for others, which are NIO and Netty. */
    private static final Pattern DIRECT = Pattern.compile("Other \\(reserved=\\d+KB, committed=(\\d+)KB\\)");

    private static final Pattern THREADS = Pattern.compile("(?m)^Threads:\\s+(\\d+)$");
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB$");

    /**
     * Asks for them.
     *
     * @throws UncheckedIOException if the process has ended
     * @throws IllegalStateException if it does not tell
     */
    public static JvmSizes of(long pid) {
        long heap = heapBytes(pid);
        Path process = Path.of("/proc", Long.toString(pid));
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
            String status = Files.readString(process.resolve("status"));
            String memory = jcmd(pid, "VM.native_memory", "summary");
            return new JvmSizes(
                    heap,
                    memory.contains("not enabled") ? 0 : KIB * number(DIRECT, memory),
                    descriptors.count(),
                    number(THREADS, status),
                    KIB * number(RESIDENT, status));
        } catch (IOException e) {
            throw new UncheckedIOException("The process " + pid + " cannot be looked at", e);
        }
    }

    static long heapBytes(long pid) {
        return number(HISTOGRAM_TOTAL, jcmd(pid, "GC.class_histogram"));
    }

    private static long number(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        if (!found.find()) {
            throw new IllegalStateException("The Java virtual machine does not tell " + pattern + ": " + text);
        }
        return Long.parseLong(found.group(1));
    }

    private static String jcmd(long pid, String... command) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        try {
            Process process = new ProcessBuilder(Stream.concat(Stream.of(jcmd, Long.toString(pid)), Stream.of(command))
                            .toList())
                    .redirectErrorStream(true)
                    .start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot ask the process " + pid, e);
        }
    }
}
