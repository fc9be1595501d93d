package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.ExitCode;
import io.sluice.tools.Payloads;
import io.sluice.tools.Setting;
import io.sluice.tools.ToolException;
import io.sluice.tools.kafka.KafkaView;
import io.sluice.tools.kafka.TopicTail;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the end of a Kafka topic. */
@Command(
        name = "tail",
        description = "Prints the last records of a Kafka topic: key, value and headers, as text where they are text"
                + " and hexadecimal where not.",
        footer = {
            "  sluice tail iot -n 20",
            "  sluice tail iot --follow -o json | jq .value",
            "  sluice tail --dead-letters"
        })
final class Tail implements Callable<Integer> {

    private static final String DEAD_LETTERS = "mqtt.dead.letters";
    private static final String ERROR = "sluice.error.";

    @Mixin
    private final Common common = new Common();

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT,…",
            description = "Kafka's addresses; by default $$SLUICE_KAFKA, else the context's, else localhost:9092.")
    private @Nullable String kafka;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description = "Properties with further settings of Kafka's clients, such as for TLS; by default"
                    + " $$SLUICE_KAFKA_CONFIG, else the context's.")
    private @Nullable String config;

    @Parameters(
            paramLabel = "TOPIC",
            arity = "0..1",
            description = "The topic; with --dead-letters by default " + DEAD_LETTERS + ".")
    private @Nullable String topic;

    @Option(
            names = {"-n", "--count"},
            paramLabel = "N",
            description = "How many records; by default 10.")
    private int count = 10;

    @Option(
            names = {"-F", "--follow"},
            description = "Keep printing new records, until Ctrl-C.")
    private boolean follow;

    @Option(names = "--dead-letters", description = "Say of each record why it is a dead letter.")
    private boolean deadLetters;

    @Override
    public Integer call() {
        if (count < 0) {
            throw ToolException.usage("-n " + count + " is less than 0.");
        }
        if (topic == null && !deadLetters) {
            throw ToolException.usage("This needs TOPIC, the Kafka topic.");
        }
        PrintWriter out = common.surroundings().out();
        Map<String, String> settings = common.setting(Setting.KAFKA_CONFIG, config)
                .map(KafkaView::settings)
                .orElse(Map.of());
        String servers = common.setting(Setting.KAFKA, kafka).orElseThrow();
        try (TopicTail tail = TopicTail.of(servers, settings, topic == null ? DEAD_LETTERS : topic)) {
            tail.last(count).forEach(record -> print(out, record));
            boolean broken = out.checkError();
            while (follow && !broken) {
                tail.next().forEach(record -> print(out, record));
                broken = out.checkError();
            }
            return broken ? ExitCode.FAILED.number() : ExitCode.OK.number();
        }
    }

    private void print(PrintWriter out, ConsumerRecord<byte[], byte[]> record) {
        String place = record.topic() + "-" + record.partition() + "@" + record.offset();
        out.print(common.line(json(record), deadLetters ? letter(place, record) : text(place, record), place));
    }

    private static String text(String place, ConsumerRecord<byte[], byte[]> record) {
        StringBuilder text = new StringBuilder(place + "  " + shown(record.key()) + "  " + shown(record.value()));
        record.headers()
                .forEach(header ->
                        text.append("\n      " + Payloads.escaped(header.key()) + "=" + shown(header.value())));
        return text.toString();
    }

    private static String letter(String place, ConsumerRecord<byte[], byte[]> record) {
        return place + "  " + Instant.ofEpochMilli(record.timestamp()) + "  " + sentence(record) + "\n      "
                + shown(record.value());
    }

    private static String sentence(ConsumerRecord<byte[], byte[]> record) {
        return "The connector " + header(record, ERROR + "connector") + " could make no record of what "
                + header(record, "mqtt.client.id") + " published to " + header(record, "mqtt.topic") + " (route "
                + header(record, ERROR + "route") + ", position " + header(record, ERROR + "position") + "): "
                + header(record, ERROR + "message");
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return Optional.ofNullable(record.headers().lastHeader(name))
                .map(header -> shown(header.value()))
                .orElse("?");
    }

    private ObjectNode json(ConsumerRecord<byte[], byte[]> record) {
        ObjectNode json = Common.JSON
                .createObjectNode()
                .put("topic", record.topic())
                .put("partition", record.partition())
                .put("offset", record.offset())
                .put("timestamp", Instant.ofEpochMilli(record.timestamp()).toString());
        put(json, "key", record.key());
        put(json, "value", record.value());
        if (deadLetters) {
            json.put("cause", sentence(record));
        }
        ArrayNode headers = json.putArray("headers");
        for (Header header : record.headers()) {
            put(headers.addObject().put("name", header.key()), "value", header.value());
        }
        return json;
    }

    private static void put(ObjectNode json, String field, byte @Nullable [] bytes) {
        if (bytes == null) {
            json.putNull(field);
        } else {
            Payloads.put(json, field, bytes);
        }
    }

    private static String shown(byte @Nullable [] bytes) {
        return bytes == null ? "(null)" : Payloads.shown(bytes);
    }
}
