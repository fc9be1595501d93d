package io.sluice.connect.route;

import io.sluice.connect.MessageBuilder;
import io.sluice.connect.format.HeaderSelection;
import io.sluice.connect.format.MessageId;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.format.ValueFormat;
import io.sluice.message.Message;
import io.sluice.message.TopicFilter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.infra.Blackhole;

/**
 * What one message costs on its way from the log to a record: to find its route among filters, for topics that come
 * again and for more topics than are remembered; and to map it, with a key that is made from its topic.
 */
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

    private static final MessageId ID = new MessageId("b1", 42);

    private Routes routes = new Routes(List.of());
    private Message[] messages = {};
    private int next;

    @Setup
    public void prepare() {
        List<TopicFilter> wanted = IntStream.range(0, filters)
                .mapToObj(number -> TopicFilter.of(filters == 1 ? "site/#" : "site/" + number + "/+/temp"))
                .toList();
        routes = new Routes(List.of(new Route(
                "default",
                wanted,
                new KafkaTopic(Template.of("iot"), Optional.empty(), 1),
                Template.of("{topic[1]}/{topic[2]}"),
                RecordHeaders.of(HeaderSelection.ALL),
                new RecordValue(ValueFormat.BYTES, "mqtt", "default", List.of()),
                false,
                false,
                1_000_000)));
        messages = IntStream.range(0, topics)
                .mapToObj(number -> MessageBuilder.to("site/" + number % filters + "/device-" + number + "/temp")
                        .payload(new byte[256])
                        .build())
                .toArray(Message[]::new);
    }

    private Message next() {
        next = next + 1 == messages.length ? 0 : next + 1;
        return messages[next];
    }

    @Benchmark
    public List<Route> find() {
        return routes.takers(next().topic());
    }

    @Benchmark
    public void findAndMap(Blackhole records) throws UnmappableException {
        Message message = next();
        MessageFields fields = new MessageFields(message, ID);
        for (Route route : routes.takers(message.topic())) {
            records.consume(route.map(fields));
        }
    }
}
