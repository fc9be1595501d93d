package io.sluice.assembly;

import io.sluice.assembly.SoakSizes.Life;
import io.sluice.assembly.SoakSizes.Look;
import io.sluice.assembly.SoakSizes.Size;
import io.sluice.assembly.SoakStream.Counts;
import io.sluice.assembly.SoakStream.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** What a soak was and what came of it, as a document (Markdown). */
final class SoakReport {

    private static final Path FILE = Path.of("target", "soak.md");

    private final StringBuilder text = new StringBuilder();
    private final List<Happened> happened = new ArrayList<>();

    /** A fault that is over. */
    private record Happened(Duration at, String fault, String seen, Duration until) {}

    /**
     * A fault is over.
     *
     * @param at since the beginning
     * @param seen what was seen of it
     * @param until how long it took from there until both brokers acknowledged and Kafka had new records of both
     */
    synchronized void happened(Duration at, String fault, String seen, Duration until) {
        happened.add(new Happened(at, fault, seen, until));
        System.out.printf("%s  %s: %s; all went on after %d s%n", time(at), fault, seen, until.toSeconds());
    }

    private static String time(Duration since) {
        return String.format(Locale.ROOT, "%02d:%02d", since.toMinutes(), since.toSecondsPart());
    }

    void write(
            Duration duration,
            SoakAccount account,
            Map<String, Long> counters,
            SoakSizes sizes,
            Map<String, Long> restarts,
            long linksBroken,
            String edges,
            List<String> problems)
            throws IOException {
        paragraph(
                """
                # Soak

                `EverythingSoakIT` ran for %d minutes under load, on %d processors with Java %s. To run it again from the sources:

                    ./mvnw -Psoak -pl assembly -am verify -Dtest=none -Dit.test=EverythingSoakIT \\
                        -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false

                It takes an hour and a little more, and leaves this page in `assembly/target/soak.md`;
                `-Dsluice.soak.minutes=5` makes it shorter. It fails if a message is unaccounted for, out of order, or twice
                where it must be there once, and if a process takes more in the end than after five minutes.

                Outcome: **%s**.
                """,
                duration.toMinutes(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version"),
                problems.isEmpty()
                        ? "everything is accounted for, and nothing has grown"
                        : problems.size() + " problems");
        problems.forEach(problem -> line("- %s", problem));
        line("");
        fleets(linksBroken, edges);
        account(account);
        faults(restarts);
        counters(counters);
        sizes(sizes);
        Files.writeString(FILE, text);
        System.out.println(text);
    }

    private void fleets(long linksBroken, String edges) {
        paragraph("""
                ## What ran

                One Kafka; a standalone broker, drained by two workers of a group with exactly-once source support; and a worker
                without it, with its broker inside, which devices reach over TLS, and whose buffer is on a disk of 96 MiB. The
                fleets of `sluice bench pub` publish: steady devices, sensors that sleep, gateways, bridges with a backlog, and
                links that break in the middle of a publish (%d did), at QoS 0, 1 and 2, about 400 messages a second together.
                Edge nodes of Sparkplug B publish besides, die and are born again: %s.

                """, linksBroken, edges);
    }

    private void account(SoakAccount account) {
        paragraph("""
                ## Where every message is

                Each carries a number. *Acknowledged* is, at QoS 0, what was sent. *Left out* is what a rule or no route wants.
                *Repeated* is what is in Kafka once more. What was neither acknowledged nor refused was lost with its connection,
                by a device without a session; it may be in Kafka.

                | broker | kind | QoS | published | acknowledged | refused | records | dead letters | left out | deleted with their topic | repeated |
                |---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
                """);
        account.bySource().forEach(this::account);
        account(new Source("all", false, -1, SoakKind.RAW), account.counts(source -> true));
        line("");
        line("| publishes that failed | |");
        line("|---|--:|");
        account.failures().forEach((reason, count) -> line("| %s | %d |", reason, count));
        line("");
    }

    private void account(Source source, Counts counts) {
        line(
                "| %s | %s | %s | %d | %d | %d | %d | %d | %d | %d | %d |",
                source.broker(),
                source.qos() < 0
                        ? ""
                        : source.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                source.qos() < 0 ? "" : source.qos(),
                counts.published(),
                counts.acknowledged(),
                counts.refused(),
                counts.records(),
                counts.deadLetters(),
                counts.leftOut(),
                counts.deleted(),
                counts.repeated());
    }

    private synchronized void faults(Map<String, Long> restarts) {
        paragraph("""
                ## What failed, and was changed

                All goes on when it is mended, both brokers acknowledge, and Kafka has new records from both.

                | at | what | seen | all went on after |
                |--:|---|---|--:|
                """);
        happened.forEach(fault -> line(
                "| %s | %s | %s | %d s |",
                time(fault.at()), fault.fault(), fault.seen(), fault.until().toSeconds()));
        line("");
        if (!restarts.isEmpty()) {
            line("Tasks that failed, and were restarted as an operator does:");
            line("");
            line("| why | how often |");
            line("|---|--:|");
            restarts.forEach((why, count) -> line("| %s | %d |", why.replace("|", "\\|"), count));
            line("");
        }
    }

    private void counters(Map<String, Long> counters) {
        paragraph("""
                ## What the processes counted

                Over all their lives; what they counted in the last seconds before they were killed is not in it.

                | counter | |
                |---|--:|
                """);
        counters.forEach((name, count) -> line("| `%s` | %d |", name, count));
        line("");
    }

    private void sizes(SoakSizes sizes) {
        paragraph(
                """
                ## What the processes took

                Looked at each minute: live objects after a full collection, the memory of NIO and Netty outside the heap, open
                descriptors, threads. For each life of a process, the first number is the middle one of three looks from its
                fifth minute on, the second that of the last three. Tolerated: %s of heap, %s of direct memory, %s descriptors,
                %s threads. A life of less than ten minutes or so is not judged, and its last look is in brackets; Kafka is not
                judged either. The producer of a task keeps up to 8 MiB of heap for its batches
                (`producer.override.buffer.memory`), so a worker that took over tasks may take as much more for each.

                | process | minutes | heap in use | direct memory | descriptors | threads | tasks |
                |---|--:|--:|--:|--:|--:|--:|
                """, Size.ALL.stream().map(size -> size.text(size.tolerance())).toArray());
        sizes.lives().forEach(this::life);
        line("");
        line("Heap in use, in MiB, minute by minute, with the number of tasks:");
        line("");
        sizes.lives().forEach(life -> line("- %s: %s", life.process(), heap(life)));
        line("");
    }

    private static String heap(Life life) {
        return life.looks().stream()
                .map(look -> (look.sizes().heapBytes() >> 20) + "/" + look.tasks())
                .collect(Collectors.joining(" "));
    }

    private void life(Life life) {
        if (life.looks().isEmpty()) {
            return;
        }
        Look last = life.looks().get(life.looks().size() - 1);
        StringBuilder row = new StringBuilder(String.format(
                Locale.ROOT, "| %s | %d |", life.process(), last.age().toMinutes()));
        for (Size size : Size.ALL) {
            row.append(' ').append(change(life, last, size.value(), size::text)).append(" |");
        }
        row.append(' ').append(change(life, last, Look::tasks, Long::toString)).append(" |");
        line("%s", row);
    }

    private static String change(Life life, Look last, ToLongFunction<Look> value, LongFunction<String> text) {
        return life.isLong()
                ? text.apply(life.settled(value)) + " → " + text.apply(life.last(value))
                : "(" + text.apply(value.applyAsLong(last)) + ")";
    }

    private void paragraph(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values));
    }

    private void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
