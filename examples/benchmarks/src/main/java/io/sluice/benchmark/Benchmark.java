package io.sluice.benchmark;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures Sluice beside what it is compared with, all on this machine, in one run. */
@Command(
        name = "benchmark",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Starts Kafka, Connect workers and brokers, publishes, counts what Kafka holds in the end, and writes a"
                        + " report.")
public final class Benchmark implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--quick",
            description = "Two minutes and the start: two turns for each contender, fewer kinds of load.")
    private boolean quick;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "How many turns each contender takes. Default: 5, or 2 with --quick.")
    private @Nullable Integer rounds;

    @Option(
            names = "--only",
            paramLabel = "PART",
            split = ",",
            description = "Measures only some parts, in a report without the others: ${COMPLETION-CANDIDATES}.")
    private Set<Part> only = Set.of();

    @Option(
            names = "--report",
            paramLabel = "FOLDER",
            defaultValue = "examples/target/report",
            description = "Where report.md and its charts go. Default: ${DEFAULT-VALUE}.")
    private Path reportFolder = Path.of("");

    @Option(names = "--archive", required = true, hidden = true)
    private Path archive = Path.of("");

    @Option(names = "--kafka-libraries", required = true, hidden = true)
    private Path kafkaLibraries = Path.of("");

    @Option(names = "--classes", required = true, hidden = true)
    private Path classes = Path.of("");

    @Option(names = "--libraries", required = true, hidden = true)
    private Path libraries = Path.of("");

    @Option(names = "--configuration", required = true, hidden = true)
    private Path configuration = Path.of("");

    public static void main(String[] args) {
        System.exit(new CommandLine(new Benchmark()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        if (spec == null) {
            throw new IllegalStateException("Run through picocli");
        }
        PrintWriter out = spec.commandLine().getOut();
        Report report = new Report();
        try (Stage stage =
                new Stage(new Stage.Installation(archive, kafkaLibraries, classes, libraries, configuration))) {
            new Suite(stage, size(), report, out).run();
        } finally {
            // Also of a run that was broken off: what was measured until then took its time.
            out.println(report.summary());
            report.write(
                    reportFolder,
                    "./examples/benchmark" + (quick ? " --quick" : "") + (rounds == null ? "" : " --rounds " + rounds)
                            + (only.isEmpty()
                                    ? ""
                                    : only.stream().map(Part::name).collect(Collectors.joining(",", " --only ", ""))));
            out.println("The report is " + reportFolder.resolve("report.md").toAbsolutePath());
            out.flush();
        }
        return 0;
    }

    private Size size() {
        Size size = quick ? Size.QUICK : Size.FULL;
        Size wanted = only.isEmpty() ? size : size.withParts(only);
        return rounds == null ? wanted : wanted.withRounds(rounds);
    }
}
