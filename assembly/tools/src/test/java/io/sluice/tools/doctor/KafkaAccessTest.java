package io.sluice.tools.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tools.ConnectClient;
import io.sluice.tools.Connector;
import io.sluice.tools.StandIn;
import io.sluice.tools.StandIn.Reply;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who is asked when somebody wants to know whether a configuration would do, and with whose credentials. */
class KafkaAccessTest {

    private static final String CLASS = "io.sluice.connect.MqttSourceConnector";
    private static final Map<String, String> CREDENTIALS = Map.of("sasl.jaas.config", "the context's");

    @Test
    void a_kafka_that_a_connector_names_gets_the_connectors_credentials_and_nobody_elses() {
        Connector own = new Connector(
                "own",
                Map.of("producer.override.bootstrap.servers", "k:9092", "producer.override.ssl.protocol", "TLSv1.3"));

        assertThat(KafkaExam.settings(own, "mine:9092", CREDENTIALS)).isEqualTo(Map.of("ssl.protocol", "TLSv1.3"));
        assertThat(KafkaExam.settings(new Connector("none", Map.of()), "mine:9092", CREDENTIALS))
                .isEqualTo(CREDENTIALS);
        assertThat(KafkaExam.settings(own, "k:9092", CREDENTIALS))
                .as("the Kafka that the credentials are for")
                .containsAllEntriesOf(CREDENTIALS);
    }

    @Test
    void references_that_only_the_worker_can_look_up_are_no_mistake_of_the_connector() {
        Findings findings = new Findings();
        Connector own = new Connector(
                "own",
                Map.of(
                        "producer.override.bootstrap.servers", "k:9092",
                        "producer.override.sasl.jaas.config", "${file:/etc/kafka:login}"));

        assertThat(new KafkaExam("mine:9092", CREDENTIALS, findings).canAsk(own))
                .isFalse();
        assertThat(new KafkaExam("k:9092", CREDENTIALS, findings).canAsk(own)).isTrue();
        assertThat(findings.all())
                .singleElement()
                .satisfies(
                        finding -> assertThat(finding.sentence())
                                .startsWith(
                                        "It was not asked, as only the worker can look up producer.override.sasl.jaas.config."));
    }

    @Test
    void an_address_that_only_a_draft_names_is_not_asked() throws Exception {
        try (StandIn worker = StandIn.saying(request -> request.endsWith("/validate")
                        ? Reply.ok("{\"configs\": []}")
                        : Reply.refused(404, "Not found"));
                ServerSocket attacker = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ConnectClient connect = ConnectClient.at(worker.address(), Optional.empty(), Optional.empty(), told -> {});
            Findings findings = new Findings();

            new Checkup(connect, "127.0.0.1:9", CREDENTIALS)
                    .ofDraft(
                            new Connector(
                                    "draft",
                                    Map.of(
                                            "connector.class",
                                            CLASS,
                                            "producer.override.bootstrap.servers",
                                            "127.0.0.1:" + attacker.getLocalPort())),
                            findings);

            assertThat(findings.all()).singleElement().satisfies(finding -> {
                assertThat(finding.level()).isEqualTo(Finding.Level.UNKNOWN);
                assertThat(finding.sentence())
                        .startsWith("It was not asked")
                        .contains("producer.override.bootstrap.servers");
            });
        }
    }
}
