package io.sluice.tools.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.tools.ConnectClient;
import io.sluice.tools.Connector;
import io.sluice.tools.ExitCode;
import io.sluice.tools.ToolException;
import io.sluice.tools.kafka.KafkaView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether a connector can do its work: what its worker, and Kafka, say of it. Changes nothing; rights are those of whoever
 * asks. Thread-safe.
 *
 * @param connect the worker
 * @param kafka Kafka's addresses, unless the connector names others
 * @param kafkaSettings further settings of Kafka's clients of the Kafka at these addresses
 */
public record Checkup(ConnectClient connect, String kafka, Map<String, String> kafkaSettings) {

    /**
     * Looks at a connector.
     *
     * @param findings take what is found, also before somebody does not answer
     * @throws ToolException if the worker or Kafka does not answer
     */
    public void of(Connector connector, Findings findings) {
        askWorker(connector, findings);
        askKafka(connector, findings);
    }

    /**
     * Looks at a configuration that somebody else has written. Kafka is asked only where the worker goes already, so that
     * nobody can have credentials sent to another address.
     *
     * @param findings take what is found, also before somebody does not answer
     * @throws ToolException if the worker or Kafka does not answer
     */
    public void ofDraft(Connector draft, Findings findings) {
        askWorker(draft, findings);
        Map<String, String> wanted = KafkaExam.access(draft);
        Map<String, String> inUse =
                connect.find(draft.name()).map(KafkaExam::access).orElse(Map.of());
        if (wanted.isEmpty() || wanted.equals(inUse)) {
            askKafka(draft, findings);
        } else {
            findings.about("Kafka")
                    .unknown(
                            "It was not asked, as this is not in use yet: " + String.join(", ", wanted.keySet())
                                    + "; it is asked when the connector runs with it.",
                            "");
        }
    }

    private void askWorker(Connector connector, Findings findings) {
        mistakes(connect, connector)
                .forEach((key, sentences) ->
                        sentences.forEach(sentence -> findings.about(key).wrong(sentence, "")));
    }

    /**
     * What the worker finds wrong with a configuration: sentences by key, in the worker's order.
     *
     * @throws ToolException if the worker does not answer, or the connector names no class
     */
    public static Map<String, List<String>> mistakes(ConnectClient connect, Connector connector) {
        if (connector.connectorClass().isEmpty()) {
            throw ToolException.usage(
                    connector.name() + " has no connector.class; io.sluice.connect.MqttSourceConnector is Sluice's.");
        }
        Map<String, List<String>> mistakes = new LinkedHashMap<>();
        for (JsonNode key : connect.validate(connector).path("configs")) {
            List<String> sentences = new ArrayList<>();
            key.at("/value/errors").forEach(error -> sentences.add(error.asText()));
            if (!sentences.isEmpty()) {
                mistakes.put(key.at("/value/name").asText(), sentences);
            }
        }
        return mistakes;
    }

    private void askKafka(Connector connector, Findings findings) {
        KafkaExam exam = new KafkaExam(kafka, kafkaSettings, findings);
        if (!exam.canAsk(connector)) {
            return;
        }
        try (KafkaView view = exam.open(connector)) {
            if (exam.kafka(view, connector, connect.worker().path("kafka_cluster_id"))) {
                exam.topics(view, connector);
            }
        } catch (ToolException e) {
            if (e.exitCode() == ExitCode.UNREACHABLE) {
                throw e;
            }
            findings.about("Kafka").wrong(e.sentence(), "");
        }
    }
}
