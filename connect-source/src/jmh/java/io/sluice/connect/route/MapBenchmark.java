package io.sluice.connect.route;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.connect.MessageBuilder;
import io.sluice.connect.config.SourceConfig;
import io.sluice.connect.format.MessageId;
import io.sluice.connect.format.sparkplug.MetricNames;
import io.sluice.connect.format.sparkplug.wire.Metric;
import io.sluice.connect.format.sparkplug.wire.Payload;
import io.sluice.connect.format.UnmappableException;
import io.sluice.message.Message;
import java.nio.file.Files;
import java.util.HashMap;
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

/**
 * What it costs to make a record of one message of some 240 bytes, behind a filter or none: with a key that is made from its
 * topic, the {@code mqtt.*} headers, and three headers of the user's own.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MapBenchmark {

    private static final String READINGS = List.of("temperature", "humidity", "pressure", "voltage").stream()
            .map(field -> "{\"name\":\"" + field + "\",\"type\":\"double\"},")
            .collect(Collectors.joining());

    private static final MetricNames NAMES = MetricNames.of(metrics(true));

    private static final String SCHEMA = "{\"type\":\"record\",\"name\":\"Reading\",\"fields\":[" + READINGS
            + "{\"name\":\"rssi\",\"type\":\"int\"},{\"name\":\"before\",\"type\":{\"type\":\"record\",\"name\":"
            + "\"Before\",\"fields\":[" + READINGS + "{\"name\":\"rssi\",\"type\":\"int\"}]}},"
            + "{\"name\":\"device\",\"type\":\"string\"},{\"name\":\"firmware\",\"type\":[\"null\",\"string\"]}]}";

    /**
     * {@code typed} is {@code json} with a schema, {@code infer} with one that is learnt; the payloads of {@code protobuf} say the same, in half the bytes, and those of
     * {@code sparkplug} as metrics with aliases.
     */
    @Param({"bytes", "tbmq", "struct", "json", "typed", "infer", "protobuf", "sparkplug"})
    public String format = "";

    /** All of them are true. Those that ask for the payload have it parsed as JSON. */
    @Param({"", "qos > 0", "levels[1] == 'north' && clientId.startsWith('client')", "json.temperature > 20.0"})
    public String filter = "";

    private Routes routes = new Routes(List.of());
    private Message[] messages = {};
    private int next;

    @Setup
    public void prepare() throws Exception {
        Map<String, String> config = new HashMap<>(Map.of(
                "name", "benchmark",
                "buffer.storage", "memory",
                "topic.filters", format.equals("sparkplug") ? "spBv1.0/#" : "site/#",
                "kafka.key", "{topic[1]}/{topic[2]}",
                "kafka.header.site", "{topic[1]}",
                "kafka.header.user", "{username|anonymous}",
                "kafka.header.device", "plant-{clientId}",
                "value.format", format.equals("typed") || format.equals("infer") ? "json" : format));
        if (format.equals("typed")) {
            config.put("value.schema", SCHEMA);
        }
        if (format.equals("infer")) {
            config.put("value.schema", "infer");
            config.put("value.schema.infer.dir", Files.createTempDirectory("learnt").toString());
        }
        if (!filter.isEmpty()) {
            config.put("filter", filter);
        }
        if (format.equals("protobuf")) {
            config.put("value.protobuf.descriptor.file", ProtobufReadings.descriptorFile().toString());
            config.put("value.protobuf.message", ProtobufReadings.MESSAGE);
        }
        routes = SourceConfig.of(config).routes();
        String readings =
                "\"temperature\":21.57,\"humidity\":48.21,\"pressure\":1013.4,\"voltage\":3.312,\"rssi\":-71";
        String payload =
                "{" + readings + ",\"before\":{" + readings + "},\"device\":\"north-1\",\"firmware\":\"1.20.3\"}";
        byte[] bytes = switch (format) {
            case "protobuf" -> ProtobufReadings.payload();
            case "sparkplug" -> metrics(false).toByteArray();
            default -> payload.getBytes(UTF_8);
        };
        messages = IntStream.range(0, 1_000)
                .mapToObj(number -> MessageBuilder.to(
                                format.equals("sparkplug")
                                        ? "spBv1.0/north/NDATA/device-" + number
                                        : "site/north/device-" + number + "/temp")
                        .payload(bytes)
                        .build())
                .toArray(Message[]::new);
    }

    /** The readings, those before, and two texts: as a birth names them, or as data refers to them. */
    private static Payload metrics(boolean birth) {
        Payload.Builder metrics = Payload.newBuilder().setTimestamp(1_772_600_767_890L).setSeq(1);
        for (int alias = 0; alias < 12; alias++) {
            Metric.Builder metric = Metric.newBuilder().setAlias(alias);
            if (birth) {
                metric.setName("readings/metric-" + alias).setDatatype(alias < 10 ? 10 : 12);
            } else if (alias < 10) {
                metric.setDoubleValue(21.57);
            } else {
                metric.setStringValue("north-1");
            }
            metrics.addMetrics(metric);
        }
        return metrics.build();
    }

    @Benchmark
    public RoutedRecord findAndMap() throws UnmappableException {
        next = next + 1 == messages.length ? 0 : next + 1;
        Message message = messages[next];
        Route route = routes.takers(message.topic()).get(0);
        MessageFields fields = route.read(new MessageFields(message, new MessageId("buffer", next), (topic, alias) -> NAMES.of(alias)));
        if (!route.wants(fields)) {
            throw new IllegalStateException("the filter takes all of these messages");
        }
        RoutedRecord record = route.map(fields);
        route.value().taken();
        return record;
    }
}
