package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.tools.bench.BenchLoad;
import io.sluice.tools.bench.SparkplugLoad;
import io.sluice.tools.mqtt.BrokerAddress;
import io.sluice.tools.mqtt.MqttLogin;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.core.ConditionTimeoutException;

/** Edge nodes of Sparkplug B, whose data refer to births by alias, whichever task maps them. */
final class SoakEdges {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration LONGEST = Duration.ofDays(7);
    private static final int NODES = 4;
    private static final double MESSAGES_A_SECOND = 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SparkplugLoad load;
    private final Thread thread;
    private long records;
    private long deaths;
    private long nameless;

    SoakEdges(int port) {
        MqttLogin login = new MqttLogin(
                BrokerAddress.parse("mqtt://127.0.0.1:" + port),
                5,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        load = new SparkplugLoad(new BenchLoad.Terms(login, "soak", 1, 100, LONGEST), NODES, MESSAGES_A_SECOND);
        load.prepare();
        thread = new Thread(load::run, "soak-edges");
        thread.setDaemon(true);
        thread.start();
    }

    /** Stops them, and reads what is in Kafka of them; returns what is not as it must be. */
    List<String> finish(String bootstrapServers) throws InterruptedException, IOException {
        List<String> problems = new ArrayList<>();
        thread.interrupt();
        thread.join();
        try {
            await().atMost(PATIENCE).until(() -> load.counts().outstanding() == 0);
        } catch (ConditionTimeoutException e) {
            problems.add(load.counts().outstanding() + " messages of edge nodes were not answered in the end");
        }
        load.end();
        long acknowledged = load.counts().all().done();
        try (TopicReader reader = new TopicReader(bootstrapServers, SoakSite.SPARKPLUG)) {
            for (ConsumerRecord<String, byte[]> record :
                    reader.readUntil(all -> all.size() - deaths(all) >= acknowledged, PATIENCE)) {
                count(JSON.readTree(record.value()));
            }
        }
        if (records < acknowledged) {
            problems.add("Edge nodes have " + acknowledged + " messages acknowledged, and Kafka has " + records);
        }
        if (nameless > 0) {
            problems.add(nameless + " metrics of edge nodes have no name or type");
        }
        if (deaths == 0) {
            problems.add("No edge node has died");
        }
        return problems;
    }

    /** Deaths are wills, which nobody acknowledges to the edge node. */
    private static long deaths(List<ConsumerRecord<String, byte[]>> records) {
        return records.stream()
                .filter(record ->
                        new String(record.headers().lastHeader("mqtt.topic").value(), UTF_8).contains("/NDEATH/"))
                .count();
    }

    private void count(JsonNode value) {
        if (value.path("type").asText().equals("NDEATH")) {
            deaths++;
        } else {
            records++;
        }
        for (JsonNode metric : value.path("metrics")) {
            nameless +=
                    metric.path("name").isTextual() && metric.path("datatype").isTextual() ? 0 : 1;
        }
    }

    @Override
    public String toString() {
        return load.counts().all().done() + " messages were acknowledged, and Kafka has " + records + " records and "
                + deaths + " deaths of them, in which " + nameless + " metrics have no name or type";
    }
}
