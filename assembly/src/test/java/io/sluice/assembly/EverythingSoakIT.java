package io.sluice.assembly;

import static io.sluice.assembly.SoakSite.EMBEDDED;
import static io.sluice.assembly.SoakSite.REMOTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.assembly.SoakFaults.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Everything at once, for {@code sluice.soak.minutes}, an hour by default. */
@Tag("soak")
class EverythingSoakIT {

    private static final Duration DURATION = Duration.ofMinutes(Integer.getInteger("sluice.soak.minutes", 60));

    /** From one fault to the next, unless the run is short. */
    private static final Duration PAUSE = Duration.ofSeconds(90);

    private static final Duration LONG = Duration.ofMinutes(30);
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    /** What both brokers acknowledge, and Kafka gets of both, before everything is said to go on. */
    private static final int GOES_ON = 200;

    private long begin = System.nanoTime();
    private final SoakAccount account = new SoakAccount();
    private final SoakReport report = new SoakReport();
    private final List<String> problems = new ArrayList<>();
    private final Map<String, Long> restarts = new TreeMap<>();

    @Test
    void every_message_is_accounted_for_and_nothing_grows_while_all_that_can_fail_does() throws Exception {
        ScheduledExecutorService background = Executors.newScheduledThreadPool(2);
        try (SoakSite site = new SoakSite();
                Admin admin = site.kafka().admin();
                SoakReader reader = new SoakReader(
                        site.kafka().bootstrapServers(), SoakSite.TOPICS, SoakSite.DEAD_LETTERS, account)) {
            SoakCounters counters = new SoakCounters(site.statusPorts());
            SoakSizes sizes = new SoakSizes(site.pids(), counters::tasks);
            SoakFleets fleets = new SoakFleets(account);
            begin = System.nanoTime();
            fleets.startRemote(site.broker().mqttPort());
            SoakEdges edges = new SoakEdges(site.broker().mqttPort());
            fleets.startEmbedded(site.embeddedPort(), site.certificate().trusted());
            background.scheduleWithFixedDelay(() -> operate(site), 1, 1, TimeUnit.SECONDS);
            background.scheduleAtFixedRate(() -> look(counters, sizes), 1, 1, TimeUnit.MINUTES);
            awaitGoingOn();
            assertThat(problems).as("%s", reader.failure()).isEmpty();

            SoakFaults faults = new SoakFaults(site, account, reader, counters, admin);
            do {
                for (Fault fault : faults.all()) {
                    happen(fault);
                }
            } while (left().compareTo(DURATION.dividedBy(4)) > 0);

            await().atMost(DURATION.plusMinutes(1)).until(() -> left().isNegative());
            Duration load = since();
            problems.addAll(fleets.finish());
            problems.addAll(edges.finish(site.kafka().bootstrapServers()));
            awaitComplete(reader);
            background.shutdownNow();
            counters.look();
            judge(reader, counters, sizes);
            report.write(
                    load,
                    account,
                    counters.all(),
                    sizes,
                    restarts,
                    fleets.linksBroken(),
                    edges.toString(),
                    List.copyOf(problems));
            assertThat(problems).isEmpty();
        } finally {
            background.shutdownNow();
        }
    }

    private Duration since() {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private Duration left() {
        return DURATION.minus(since());
    }

    private void operate(SoakSite site) {
        try {
            site.restartFailed().forEach(why -> restarts.merge(why, 1L, Long::sum));
        } catch (RuntimeException later) {
            System.out.println("The operator: " + later);
        }
    }

    private void look(SoakCounters counters, SoakSizes sizes) {
        try {
            sizes.look();
            counters.look();
            System.out.printf("%d min: %s%n", since().toMinutes(), account.counts(source -> true));
        } catch (RuntimeException later) {
            System.out.println("A look: " + later);
        }
    }

    /** Lets something fail, and waits until all goes on; one that does not is a problem, and the run goes on. */
    private void happen(Fault fault) {
        long end = System.nanoTime() + pause().toNanos();
        Duration at = since();
        String seen;
        try {
            seen = fault.action().happen();
        } catch (Exception e) {
            seen = "FAILED: " + e;
            problems.add(fault.name() + " at " + at.toMinutes() + " min: " + e);
        }
        awaitGoingOn();
        report.happened(at, fault.name(), seen, since().minus(at));
        await().atMost(pause().plusSeconds(10)).until(() -> System.nanoTime() - end >= 0);
    }

    private static Duration pause() {
        Duration part = DURATION.dividedBy(40);
        return part.compareTo(PAUSE) < 0 ? part : PAUSE;
    }

    private void awaitGoingOn() {
        List<Long> before = progress();
        try {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(() -> {
                List<Long> now = progress();
                for (int i = 0; i < now.size(); i++) {
                    if (now.get(i) < before.get(i) + GOES_ON) {
                        return false;
                    }
                }
                return true;
            });
        } catch (ConditionTimeoutException e) {
            problems.add("At " + since().toMinutes() + " min it did not go on: " + before + ", then " + progress());
        }
    }

    private List<Long> progress() {
        return List.of(
                account.acknowledgedBy(REMOTE),
                account.acknowledgedBy(EMBEDDED),
                account.arrivedFrom(REMOTE),
                account.arrivedFrom(EMBEDDED));
    }

    private void awaitComplete(SoakReader reader) {
        try {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> account.isComplete() || reader.failure().isPresent());
        } catch (ConditionTimeoutException e) {
            // the account says what is missing
        }
    }

    private void judge(SoakReader reader, SoakCounters counters, SoakSizes sizes) {
        reader.failure().ifPresent(failure -> problems.add("The reader of Kafka has failed: " + failure));
        problems.addAll(account.problems());
        for (String lost : List.of(
                "sluice_dropped_messages_total",
                "sluice_lost_positions_total",
                "sluice_skipped_messages_total",
                "sluice_unknown_aliases_total")) {
            if (counters.sum(lost) > 0) {
                problems.add(lost + " is " + counters.sum(lost));
            }
        }
        for (String counted : List.of(
                "sluice_filtered_records_total", "sluice_dead_letters_total", "sluice_refused_publishes_total")) {
            if (counters.sum(counted) == 0) {
                problems.add(counted + " is 0, though there was something to count");
            }
        }
        List<String> judged = List.of(REMOTE, SoakSite.FIRST_WORKER, SoakSite.SECOND_WORKER, EMBEDDED);
        problems.addAll(sizes.problems(judged));
        if (DURATION.compareTo(LONG) >= 0) {
            judged.stream()
                    .filter(process -> sizes.lives().stream()
                            .noneMatch(life -> life.process().equals(process) && life.isLong()))
                    .forEach(process -> problems.add(process + " has not lived long enough to be judged"));
        }
    }
}
