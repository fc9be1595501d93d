package io.sluice.connect.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.connect.MessageBuilder;
import io.sluice.connect.SafeAppend;
import io.sluice.connect.format.sparkplug.MetricNames.Named;
import io.sluice.connect.format.sparkplug.wire.Metric;
import io.sluice.connect.format.sparkplug.wire.Payload;
import io.sluice.connect.telemetry.TaskEvents;
import io.sluice.message.Message;
import io.sluice.message.SparkplugTopic;
import io.sluice.message.TopicFilter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is remembered of edge nodes is bounded, and what is forgotten a buffer knows. */
class EdgeNodesTest {

    /** So many names of that length take almost 4 MiB. */
    private static final int MANY = 20_000;

    private final SharedBuffer buffer = SharedBuffer.open(
            new BufferConfig(Optional.empty(), 1 << 26, Overflow.BLOCK, 1 << 20, Duration.ofHours(1), Duration.ZERO));

    private final Attachment attachment =
            buffer.attach(new AttachRequest("c", List.of(TopicFilter.of("#")), AckMode.BUFFERED, Lanes.ALL));

    /** Topics of births that the buffer was asked for. */
    private final List<String> asked = new ArrayList<>();

    private final SparkplugLog log = new SparkplugLog(TaskEvents.of("edge-nodes", 0));
    private final EdgeNodes nodes = new EdgeNodes(counting(), log, topic -> true);

    @AfterEach
    void close() {
        attachment.close();
        buffer.close();
    }

    private Attachment counting() {
        return (Attachment) Proxy.newProxyInstance(
                Attachment.class.getClassLoader(), new Class<?>[] {Attachment.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("birth")) {
                        asked.add((String) arguments[0]);
                    }
                    try {
                        return method.invoke(attachment, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static Message birth(String topic, int metrics) {
        Payload.Builder payload = Payload.newBuilder().setSeq(0);
        for (int alias = 0; alias < metrics; alias++) {
            payload.addMetrics(Metric.newBuilder().setName("metric-" + alias).setAlias(alias));
        }
        return MessageBuilder.to("spBv1.0/plant/" + topic)
                .from("edge")
                .payload(payload.build().toByteArray())
                .build();
    }

    private void append(List<Message> messages) throws Exception {
        SafeAppend.of(buffer, messages);
    }

    private void follow(List<Message> messages) throws Exception {
        append(messages);
        attachment.seek(attachment.acknowledged());
        for (int read = 0; read < messages.size(); ) {
            List<StoredMessage> some =
                    attachment.read(10_000, 1 << 26, Duration.ofSeconds(10)).messages();
            some.forEach(nodes::follow);
            read += some.size();
        }
    }

    private Optional<String> name(String topic, long alias) {
        Message data = MessageBuilder.to("spBv1.0/plant/" + topic).from("edge").build();
        int lane = Lanes.of("edge");
        return nodes.names(new StoredMessage(attachment.end(), lane, data))
                .of(SparkplugTopic.of(data.topic()).orElseThrow(), alias)
                .map(Named::name);
    }

    @Test
    void of_very_many_edge_nodes_those_not_heard_of_for_longest_are_forgotten() throws Exception {
        List<Message> births = new ArrayList<>();
        for (int node = 0; node <= 20_000; node++) {
            births.add(birth("NBIRTH/n" + node, 1));
        }
        follow(births);

        assertThat(name("NDATA/n20000", 0)).hasValue("metric-0");
        assertThat(name("NDATA/n2", 0)).hasValue("metric-0");
        assertThat(asked).isEmpty();
        assertThat(name("NDATA/n0", 0)).hasValue("metric-0");
        assertThat(asked).containsExactly("spBv1.0/plant/NBIRTH/n0");
    }

    @Test
    void edge_nodes_with_very_many_metrics_push_each_other_out_and_keep_their_names() throws Exception {
        List<Message> births = new ArrayList<>();
        for (int node = 0; node < 12; node++) {
            births.add(birth("NBIRTH/n" + node, MANY));
        }
        follow(births);

        assertThat(name("NDATA/n11", MANY - 1)).hasValue("metric-" + (MANY - 1));
        assertThat(asked).isEmpty();
        assertThat(name("NDATA/n0", MANY - 1)).hasValue("metric-" + (MANY - 1));
        assertThat(asked).containsExactly("spBv1.0/plant/NBIRTH/n0");
    }

    @Test
    void devices_of_one_edge_node_with_very_many_metrics_push_out_no_other_edge_node() throws Exception {
        List<Message> births = new ArrayList<>();
        births.add(birth("NBIRTH/small", 1));
        births.add(birth("NBIRTH/large", 1));
        for (int device = 0; device < 12; device++) {
            births.add(birth("DBIRTH/large/d" + device, MANY));
        }
        follow(births);

        assertThat(name("NDATA/small", 0)).hasValue("metric-0");
        assertThat(name("DDATA/large/d11", 7)).hasValue("metric-7");
        assertThat(asked).isEmpty();
        assertThat(name("DDATA/large/d0", 7)).hasValue("metric-7");
        assertThat(asked).containsExactly("spBv1.0/plant/DBIRTH/large/d0");
    }

    @Test
    void devices_that_publish_in_turn_keep_their_names_though_one_edge_node_has_many_of_them() throws Exception {
        List<Message> births = new ArrayList<>();
        births.add(birth("NBIRTH/gateway", 1));
        for (int device = 0; device < 200; device++) {
            births.add(birth("DBIRTH/gateway/d" + device, 150));
        }
        append(births);

        for (int round = 0; round < 3; round++) {
            for (int device = 0; device < 200; device++) {
                assertThat(name("DDATA/gateway/d" + device, 149)).hasValue("metric-149");
            }
        }
        assertThat(asked).as("each birth was asked for once").hasSize(201);
    }

    @Test
    void an_edge_node_that_is_too_large_forgets_the_devices_that_were_used_longest_ago() throws Exception {
        List<Message> births = new ArrayList<>();
        births.add(birth("NBIRTH/large", 1));
        for (int device = 0; device < 9; device++) {
            births.add(birth("DBIRTH/large/d" + device, MANY));
        }
        follow(births);
        assertThat(name("DDATA/large/d0", 0)).hasValue("metric-0");
        append(List.of(birth("DBIRTH/large/d9", MANY)));
        assertThat(name("DDATA/large/d9", 0)).hasValue("metric-0");

        for (int device : new int[] {0, 2, 3, 4, 5, 6, 7, 8, 9}) {
            assertThat(name("DDATA/large/d" + device, 0)).hasValue("metric-0");
        }
        assertThat(asked).containsExactly("spBv1.0/plant/DBIRTH/large/d9");
        assertThat(name("DDATA/large/d1", 0)).hasValue("metric-0");
        assertThat(asked).containsExactly("spBv1.0/plant/DBIRTH/large/d9", "spBv1.0/plant/DBIRTH/large/d1");
    }
}
