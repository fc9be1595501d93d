package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.ExitCode;
import io.sluice.tools.Patience;
import io.sluice.tools.Payloads;
import io.sluice.tools.ToolException;
import io.sluice.tools.bench.BenchCounts.Look;
import io.sluice.tools.bench.BenchLoad;
import io.sluice.tools.bench.ConnectLoad;
import io.sluice.tools.bench.Fleet;
import io.sluice.tools.bench.PublishLoad;
import io.sluice.tools.bench.SparkplugLoad;
import io.sluice.tools.bench.SubscribeLoad;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Load on a broker. */
@Command(
        name = "bench",
        description = {
            "Puts load on an MQTT broker with MQTT 5 clients. Reports every second, and at the end latencies and"
                    + " losses.",
            "Measures from the scheduled time of each action: if a broker stalls for a second, everything scheduled in"
                    + " that second counts as late. Exits with 3 if something was lost or failed."
        },
        addMethodSubcommands = false,
        footer = {
            "  sluice bench pub --clients 100 --rate 2000 --duration 30s",
            "  sluice bench conn --clients 5000 --rate 200 --duration 1m"
        })
final class Bench {

    /** When nothing has come for so long after the end of a run, nothing more is waited for. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Duration BETWEEN_LINES = Duration.ofSeconds(1);
    private static final List<String> PERCENTILES = List.of("50", "90", "99", "99.9");
    private static final double MICROS = 1_000;

    /** What devices do; the names are what the command takes. */
    enum FleetName {
        steady,
        sparkplug,
        sensors,
        gateways,
        bridges,
        flapping
    }

    @Command(
            description = "Connects clients at a rate, and keeps them connected until the end.",
            footer = "  sluice bench conn --clients 5000 --rate 200 --duration 1m")
    int conn(@Mixin BrokerOptions broker, @Mixin LoadOptions load) {
        return run(broker, load, "connections", new ConnectLoad(load.terms(broker), load.clients(), load.rate()));
    }

    @Command(
            description = {
                "Clients publish, each to its own topic. --rate is how many messages all of them publish in a second.",
                "Each client of a fleet of sensors connects, publishes a message and disconnects; each gateway"
                        + " publishes 50 messages at once now and then.",
                "A bridge connects when 500 messages of 20 clients have gathered, publishes them as fast as it can, and"
                        + " leaves. A flapping link breaks in the middle of a publish, each second or two; its device comes back"
                        + " to its session, and sends again what was not acknowledged. Such breaks are no"
                        + " failures.",
                "Of a fleet for Sparkplug B, each is an edge node with three devices. It publishes births, which name metrics,"
                        + " and data by alias to spBv1.0/TOPIC/...; after 200 messages it is cut off, so that the broker"
                        + " publishes its death, and is born again. --size does not count."
            },
            footer = {
                "  sluice bench pub --clients 100 --rate 2000 --duration 30s --size 256",
                "  sluice bench pub --clients 1000 --rate 200 --fleet sensors -q 1",
                "  sluice bench pub --clients 10 --rate 200 --fleet flapping -q 2 --duration 1m"
            })
    int pub(
            @Mixin BrokerOptions broker,
            @Mixin LoadOptions load,
            @Option(
                            names = "--fleet",
                            paramLabel = "FLEET",
                            defaultValue = "steady",
                            description = "What the clients are: ${COMPLETION-CANDIDATES}; by default steady.")
                    FleetName fleet) {
        BenchLoad.Terms terms = load.terms(broker);
        if (fleet == FleetName.flapping && terms.qos() == 0) {
            throw ToolException.usage(
                    "--qos is 1 or 2 with --fleet flapping, not 0: a link that breaks takes what has QoS 0 with it.");
        }
        return run(
                broker,
                load,
                "messages",
                fleet == FleetName.sparkplug
                        ? new SparkplugLoad(terms, load.clients(), load.rate())
                        : new PublishLoad(terms, fleet(fleet, load.clients(), load.rate())));
    }

    private static Fleet fleet(FleetName name, int devices, double rate) {
        return switch (name) {
            case steady, sparkplug -> Fleet.steady(devices, rate);
            case sensors -> Fleet.sensors(devices, rate);
            case gateways -> Fleet.gateways(devices, rate);
            case bridges -> Fleet.bridges(devices, rate);
            case flapping -> Fleet.flapping(devices, rate);
        };
    }

    @Command(
            description = "Clients subscribe, and one more client publishes, --rate messages a second. Each client must"
                    + " receive each message once.",
            footer = "  sluice bench sub --clients 50 --rate 100 --duration 30s")
    int sub(@Mixin BrokerOptions broker, @Mixin LoadOptions load) {
        return run(broker, load, "deliveries", new SubscribeLoad(load.terms(broker), load.clients(), load.rate()));
    }

    private static int run(Common common, LoadOptions options, String things, BenchLoad load) {
        load.prepare();
        Instant begin = Instant.now();
        CompletableFuture<Void> running = CompletableFuture.runAsync(load::run, Bench::inThread);
        boolean warm = options.warmup().isZero();
        while (!running.isDone()) {
            running.handle((done, failure) -> "ended")
                    .completeOnTimeout("runs", BETWEEN_LINES.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
            Look look = load.counts().since();
            if (!warm && Instant.now().isAfter(begin.plus(options.warmup()))) {
                warm = true;
                load.counts().forgetTimes();
            }
            common.say(progress(Duration.between(begin, Instant.now()), things, look));
        }
        running.join();
        double seconds = Duration.between(begin, Instant.now()).toMillis() / MICROS;
        long inTime = load.counts().all().done();
        awaitLate(load);
        Look all = load.counts().all();
        ObjectNode result = result(things, seconds, inTime, all);
        load.end();
        common.print(result, () -> text(result), () -> List.of());
        return ExitCode.ofCheck(all.isWhole());
    }

    private static void awaitLate(BenchLoad load) {
        long before = load.counts().outstanding();
        Instant end = Instant.now().plus(PATIENCE);
        while (before > 0 && Instant.now().isBefore(end)) {
            Patience.pause();
            long now = load.counts().outstanding();
            end = now == before ? end : Instant.now().plus(PATIENCE);
            before = now;
        }
    }

    private static void inThread(Runnable task) {
        Thread thread = new Thread(task, "sluice-bench");
        thread.setDaemon(true);
        thread.start();
    }

    private static String progress(Duration since, String things, Look look) {
        return String.format(
                Locale.ROOT,
                "%4d s  %d %s begun, %d done, %d failed; in this second %d, half of them in %.1f ms, 99 of 100 in %.1f ms",
                since.toSeconds(),
                look.begun(),
                things,
                look.done(),
                look.failures().values().stream().mapToLong(Long::longValue).sum(),
                look.micros().getTotalCount(),
                look.micros().getValueAtPercentile(50) / MICROS,
                look.micros().getValueAtPercentile(99) / MICROS);
    }

    /** @param inTime what was done when the load ended: what is late counts, but not for what was borne in a second */
    private static ObjectNode result(String things, double seconds, long inTime, Look all) {
        ObjectNode result = Common.JSON
                .createObjectNode()
                .put("what", things)
                .put("seconds", seconds)
                .put("begun", all.begun())
                .put("done", all.done())
                .put("perSecond", Math.round(inTime / seconds))
                .put("lost", all.outstanding())
                .put("repeated", all.repeated())
                .put("connectionsLost", all.lost())
                .put("linksBroken", all.broken());
        ObjectNode failures = result.putObject("failed");
        all.failures().forEach(failures::put);
        ObjectNode times = result.putObject("milliseconds");
        Histogram micros = all.micros();
        times.put("mean", rounded(micros.getMean()));
        for (String percentile : PERCENTILES) {
            times.put("p" + percentile, rounded((double) micros.getValueAtPercentile(Double.parseDouble(percentile))));
        }
        times.put("max", rounded((double) micros.getValueAtPercentile(100)));
        return result;
    }

    private static double rounded(double micros) {
        return Math.round(micros) / MICROS;
    }

    private static String text(ObjectNode result) {
        StringBuilder text = new StringBuilder();
        line(
                text,
                result.path("what").asText(),
                result.path("done").asText() + " of " + result.path("begun").asText() + " in "
                        + result.path("seconds").asText() + " s, "
                        + result.path("perSecond").asText() + " a second");
        line(text, "lost", result.path("lost").asText());
        if (result.path("repeated").asLong() > 0) {
            line(text, "repeated", result.path("repeated").asText());
        }
        if (result.path("connectionsLost").asLong() > 0) {
            line(text, "cut off", result.path("connectionsLost").asText() + " connections");
        }
        if (result.path("linksBroken").asLong() > 0) {
            line(text, "broken", result.path("linksBroken").asText() + " links, as they were to");
        }
        for (Map.Entry<String, JsonNode> failure : result.path("failed").properties()) {
            line(text, "failed", failure.getValue().asText() + ": " + Payloads.escaped(failure.getKey()));
        }
        result.path("milliseconds")
                .properties()
                .forEach(time -> line(text, time.getKey(), time.getValue().asText() + " ms"));
        return text.toString();
    }

    private static void line(StringBuilder text, String title, String what) {
        text.append(String.format(Locale.ROOT, "%-12s %s%n", title, what));
    }
}
