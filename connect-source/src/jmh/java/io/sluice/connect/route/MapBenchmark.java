package io.sluice.connect.route;

import io.sluice.connect.MessageBuilder;
import io.sluice.connect.format.Decompression;
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

/**
 * What it costs to make a record of one message of 256 bytes: with a key that is made from its topic, the {@code mqtt.*}
 * headers, and three headers of the user's own.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MapBenchmark {

    @Param({"BYTES", "TBMQ", "STRUCT"})
    public ValueFormat format = ValueFormat.BYTES;

    private Routes routes = new Routes(List.of());
    private Message[] messages = {};
    private int next;

    @Setup
    public void prepare() {
        RecordHeaders headers = new RecordHeaders(
                HeaderSelection.ALL,
                List.of(
                        new NamedTemplate("site", Template.of("{topic[1]}")),
                        new NamedTemplate("user", Template.of("{username|anonymous}")),
                        new NamedTemplate("device", Template.of("plant-{clientId}"))),
                Optional.empty());
        routes = new Routes(List.of(new Route(
                "default",
                List.of(TopicFilter.of("site/#")),
                Optional.empty(),
                new KafkaTopic(Template.of("iot"), Optional.empty(), 1, Optional.empty()),
                new RecordKey(Template.of("{topic[1]}/{topic[2]}"), false),
                RecordTime.RECEIVED,
                headers,
                new RecordValue(format, "connector", "broker", List.of(), false),
                false,
                false,
                Decompression.NONE,
                RecordLimit.of(1_000_000))));
        messages = IntStream.range(0, 1_000)
                .mapToObj(number -> MessageBuilder.to("site/north/device-" + number + "/temp")
                        .payload(new byte[256])
                        .build())
                .toArray(Message[]::new);
    }

    @Benchmark
    public RoutedRecord findAndMap() throws UnmappableException {
        next = next + 1 == messages.length ? 0 : next + 1;
        Message message = messages[next];
        return routes.takers(message.topic()).get(0).map(new MessageFields(message, new MessageId("buffer", next)));
    }
}
