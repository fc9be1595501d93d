package io.sluice.connect.format.sparkplug;

import io.sluice.connect.format.AliasNames;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.format.sparkplug.wire.Metric;
import io.sluice.connect.format.sparkplug.wire.Payload;
import io.sluice.message.SparkplugTopic;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.data.Struct;

/** A message of an edge node as a struct of {@link SparkplugSchema#MESSAGE}. */
public final class SparkplugStruct {

    /** The metric that pairs births and deaths of edge nodes. */
    private static final String BD_SEQ = "bdSeq";

    private SparkplugStruct() {}

    /**
     * The struct of a message, but for its topic as a whole.
     *
     * @throws UnmappableException if the payload is beyond what a record can hold
     */
    public static Struct of(SparkplugTopic topic, Payload payload, AliasNames names) throws UnmappableException {
        MetricStructs structs = new MetricStructs(topic, names);
        List<Struct> metrics = new ArrayList<>(payload.getMetricsCount());
        Struct message = new Struct(SparkplugSchema.MESSAGE);
        for (Metric metric : payload.getMetricsList()) {
            metrics.add(structs.of(metric));
            if (metric.getName().equals(BD_SEQ) && TypedValue.of(metric) instanceof Number number) {
                message.put("bd_seq", number.longValue());
            }
        }
        message.put("type", topic.type().name())
                .put("group", topic.group())
                .put("edge_node", topic.node())
                .put("metrics", metrics);
        topic.device().ifPresent(device -> message.put("device", device));
        if (payload.hasTimestamp()) {
            message.put("timestamp", TypedValue.moment(payload.getTimestamp()));
        }
        MetricStructs.put(message, "seq", payload.hasSeq(), payload.getSeq());
        MetricStructs.put(message, "uuid", payload.hasUuid(), payload.getUuid());
        if (payload.hasBody()) {
            message.put("body", payload.getBody().toByteArray());
        }
        return message;
    }
}
