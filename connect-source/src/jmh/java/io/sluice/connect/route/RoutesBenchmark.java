package io.sluice.connect.route;

import io.sluice.connect.config.SourceConfig;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to find the routes of one message, for topics that come again and for more topics than are remembered. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RoutesBenchmark {

    /** Of the one route. */
    @Param({"1", "100", "10000"})
    public int filters;

    /** Which are published to in turn. */
    @Param({"1000", "100000"})
    public int topics;

    private Routes routes = new Routes(List.of());
    private String[] published = {};
    private int next;

    @Setup
    public void prepare() {
        routes = SourceConfig.of(Map.of(
                        "name",
                        "benchmark",
                        "buffer.storage",
                        "memory",
                        "topic.filters",
                        IntStream.range(0, filters)
                                .mapToObj(number -> filters == 1 ? "site/#" : "site/" + number + "/+/temp")
                                .collect(Collectors.joining(","))))
                .routes();
        published = IntStream.range(0, topics)
                .mapToObj(number -> "site/" + number % filters + "/device-" + number + "/temp")
                .toArray(String[]::new);
    }

    @Benchmark
    public List<Route> find() {
        next = next + 1 == published.length ? 0 : next + 1;
        return routes.takers(published[next]);
    }
}
