package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.port;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.sluice.broker.server.BrokerServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The exporter's rules and the dashboard in the archives, against the MBeans of a real connector and a real broker. */
class MonitoringIT {

    private static final Path RULES = Path.of("../examples/monitoring/sluice-jmx.yaml");
    private static final Path DASHBOARD = Path.of("../examples/monitoring/sluice-dashboard.json");
    private static final Pattern WORDS = Pattern.compile("(?<=[a-z])(?=[A-Z])");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final MBeanServer JMX = ManagementFactory.getPlatformMBeanServer();

    @TempDir
    private static Path folders;

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    private final ConnectCluster connect = SHARED.cluster();

    private static String endpoint = "";

    /** A broker of its own, which runs until the process ends. */
    @BeforeAll
    static void startBroker() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            endpoint = "tcp://127.0.0.1:" + free.getLocalPort();
        }
        Path config = Files.writeString(
                folders.resolve("sluice-broker.conf"), """
                host 127.0.0.1
                port 0
                allow_anonymous true
                sluice.buffer.dir %s
                sluice.drain.listener %s
                """.formatted(folders.resolve("own"), endpoint));
        Thread broker = new Thread(() -> BrokerServer.main(new String[] {"--config", config.toString()}), "broker");
        broker.setDaemon(true);
        broker.start();
        await().atMost(PATIENCE).until(() -> JMX.isRegistered(brokerBean()));
    }

    private static ObjectName brokerBean() throws JMException {
        return new ObjectName("io.sluice:type=Broker,name=\"sluice-broker\"");
    }

    @Test
    void prometheus_gets_every_metric_that_the_documentation_names() throws Exception {
        Map<String, String> properties = ConnectCluster.connector("scraped", folders);
        connect.create("scraped", properties);
        try (Device device = Device.connect(port(properties), "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 7);
            connect.awaitExactly(7, "scraped");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(scrape("scraped").values("sluice_delivered_records_total"))
                            .containsExactly(7.0));

            Scrape scrape = scrape("scraped");
            assertThat(scrape.names()).containsAll(exported(TaskMBeans.documented()));
            assertThat(scrape.labels("sluice_lag_positions")).containsExactlyInAnyOrder("connector", "task");
            assertThat(scrape.labels("sluice_buffer_bytes")).containsExactlyInAnyOrder("connector", "task", "broker");
            assertThat(scrape.labels("sluice_dropped_messages_total"))
                    .containsExactlyInAnyOrder("connector", "task", "broker", "reason");
            assertThat(scrape.values("sluice_captured_messages_total")).containsExactly(7.0);
            assertThat(scrape.values("sluice_connected_clients")).containsExactly(1.0);
            assertThat(scrape.where("status", "running").values("kafka_connect_task_status"))
                    .containsExactly(1.0);
        }
        connect.delete("scraped");
    }

    @Test
    void prometheus_gets_all_that_a_broker_of_its_own_shows_and_the_dashboard_asks_for_nothing_that_it_does_not_get()
            throws Exception {
        Map<String, String> embedded = ConnectCluster.connector("in-the-worker", folders);
        Map<String, String> remote = new HashMap<>(Map.of(
                "name", "far-away", "broker.mode", "remote", "buffer.endpoints", endpoint, "kafka.topic", "far-away"));
        connect.create("in-the-worker", embedded);
        connect.create("far-away", remote);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(scrape("far-away").values("sluice_attached_buffers"))
                        .containsExactly(1.0));

        Scrape scrape = Scrape.by(RULES);
        Scrape broker = scrape.where("broker", "sluice-broker");
        assertThat(broker.names()).containsExactlyInAnyOrderElementsOf(shownByBroker());
        assertThat(broker.values("sluice_broker_listening")).containsExactly(1.0);
        assertThat(broker.values("sluice_buffer_full")).containsExactly(0.0);
        assertThat(broker.where("connector", "far-away").values("sluice_broker_lag_positions"))
                .containsExactly(0.0);
        assertThat(broker.where("reason", "oldest").values("sluice_dropped_messages_total"))
                .containsExactly(0.0);
        assertThat(broker.values("sluice_drain_attached_tasks")).containsExactly(1.0);
        assertThat(broker.where("reason", "token").values("sluice_drain_refused_total"))
                .containsExactly(0.0);

        List<String> queries = Dashboard.read(DASHBOARD).queries();
        assertThat(queries).hasSizeGreaterThan(30);
        assertThat(queries)
                .allSatisfy(query -> assertThat(Dashboard.metrics(query))
                        .isNotEmpty()
                        .isSubsetOf(scrape.names())
                        .allSatisfy(metric -> assertThat(scrape.labels(metric)).containsAll(Dashboard.labels(query))));
        connect.delete("far-away");
        connect.delete("in-the-worker");
    }

    /** What Prometheus should call the attributes of the broker. */
    private static List<String> shownByBroker() throws JMException {
        return Stream.of(JMX.getMBeanInfo(brokerBean()).getAttributes())
                .map(attribute -> WORDS.matcher(attribute.getName()).replaceAll("_"))
                .map(words -> "sluice_" + words.toLowerCase(Locale.ROOT))
                .map(name -> name.equals("sluice_lag_positions") ? "sluice_broker_lag_positions" : name)
                .toList();
    }

    private static Scrape scrape(String connector) throws IOException, JMException {
        return Scrape.by(RULES).where("connector", connector);
    }

    private static Set<String> exported(Set<String> metrics) {
        return metrics.stream().map(metric -> metric.replace('-', '_')).collect(Collectors.toSet());
    }
}
