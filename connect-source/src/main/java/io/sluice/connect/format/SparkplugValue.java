package io.sluice.connect.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.format.sparkplug.SparkplugPayload;
import io.sluice.connect.format.sparkplug.SparkplugSchema;
import io.sluice.connect.format.sparkplug.SparkplugStruct;
import io.sluice.connect.format.sparkplug.TypedValue;
import io.sluice.connect.json.JsonPayload;
import io.sluice.message.SparkplugTopic;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;

/** A message of Sparkplug B, with the names of its metrics. */
final class SparkplugValue implements ValueMaker {

    private static final String STATE = SparkplugTopic.NAMESPACE + "STATE/";

    /** Of versions of the specification before 3. */
    private static final String STATE_BEFORE_3 = "STATE/";

    @Override
    public SchemaAndValue value(ValueSource source, HeaderWriter headers) throws UnmappableException {
        String topic = source.message().topic();
        Optional<String> host = host(topic);
        Struct struct;
        if (host.isPresent()) {
            struct = state(source, host.get());
        } else {
            SparkplugTopic of = SparkplugTopic.of(topic)
                    .orElseThrow(
                            () -> new UnmappableException(
                                    "its topic is not one of Sparkplug B, which value.format=sparkplug requires: they are"
                                            + " spBv1.0/group/type/node, spBv1.0/group/type/node/device and spBv1.0/STATE/host"));
            struct = SparkplugStruct.of(
                    of, SparkplugPayload.read(source.message().payload()), source.names());
        }
        struct.put("topic", topic);
        return new SchemaAndValue(SparkplugSchema.MESSAGE, struct);
    }

    private static Optional<String> host(String topic) {
        if (topic.startsWith(STATE)) {
            return Optional.of(topic.substring(STATE.length()));
        }
        return topic.startsWith(STATE_BEFORE_3)
                ? Optional.of(topic.substring(STATE_BEFORE_3.length()))
                : Optional.empty();
    }

    private static Struct state(ValueSource source, String host) throws UnmappableException {
        Struct struct = new Struct(SparkplugSchema.MESSAGE)
                .put("type", "STATE")
                .put("host", host)
                .put("metrics", List.of());
        String text =
                Payload.text(source.message().payload()).orElse("").strip().toUpperCase(Locale.ROOT);
        if (text.equals("ONLINE") || text.equals("OFFLINE")) {
            return struct.put("online", text.equals("ONLINE"));
        }
        Optional<JsonNode> root = source.json().get().root();
        if (root.isEmpty() || !root.get().path("online").isBoolean()) {
            throw new UnmappableException(
                    "its payload is not the state of a host application, such as {\"online\":true,\"timestamp\":0}");
        }
        String timestamp = JsonPayload.number(root.get().path("timestamp"));
        Long ms = timestamp == null ? null : JsonPayload.int64(timestamp);
        if (ms != null) {
            struct.put("timestamp", TypedValue.moment(ms));
        }
        return struct.put("online", root.get().path("online").booleanValue());
    }
}
