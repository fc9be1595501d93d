package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class DoctorIT {

    @RegisterExtension
    static final Installed INSTALLED = new Installed();

    private static final String SECRET = "hunter2-and-more";

    @TempDir
    static Path folder;

    private static int tcp;
    private static int ssl;

    private Tool tool;

    /** A connector that runs, with a certificate that expires in ten days. */
    @BeforeAll
    static void apply() throws Exception {
        tcp = INSTALLED.freePort();
        ssl = INSTALLED.freePort();
        Path store = folder.resolve("key.p12");
        keytool(store);
        Path file = INSTALLED.file(folder, "patient", tcp, "patient");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace(
                                "\"tcp://127.0.0.1:" + tcp + "\"",
                                "\"tcp://127.0.0.1:%d,ssl://127.0.0.1:%d\"".formatted(tcp, ssl))
                        .replace(
                                "\"broker.linger.ms\"",
                                "\"broker.ssl.keystore.location\": \"%s\", \"broker.ssl.keystore.password\": \"%s\","
                                                .formatted(store, SECRET)
                                        + " \"producer.override.batch.size\": \"262144\", \"broker.linger.ms\""));
        Tool.Ended applied = INSTALLED.tool(folder).run("connector", "apply", "-f", file.toString(), "--wait");
        assertThat(applied.exitCode()).as(applied.err()).isZero();
    }

    @AfterAll
    static void delete() {
        INSTALLED.rest().delete("patient");
    }

    @BeforeEach
    void start() {
        tool = INSTALLED.tool(folder);
    }

    @Test
    void a_connector_that_runs_is_looked_at_from_the_worker_to_kafka() throws Exception {
        Tool.Ended ended = tool.run(
                "doctor",
                "-o",
                "json",
                "--worker-config",
                INSTALLED.workerConfig().toString());

        List<String> found = findings(ended, "ok");
        assertThat(found)
                .anyMatch(finding -> finding.matches("worker: It answers, and is of Kafka Connect [0-9.]+\\."))
                .anyMatch(finding -> finding.startsWith("plugin: It is there once, in version "))
                .contains(
                        "scheduled.rebalance.max.delay.ms: It is 0.",
                        "patient: The worker takes its configuration.",
                        "patient: It runs, with 1 tasks.",
                        "patient: tcp://127.0.0.1:" + tcp + " is reached.",
                        "patient: No other machine reaches its listeners.",
                        "patient: The disk of " + INSTALLED.buffer("patient")
                                + " has space for all that the buffer may take.",
                        "Kafka: " + INSTALLED.kafka().bootstrapServers() + " answers.",
                        "patient: It is not there yet; Connect creates it.",
                        "clock: The worker's clock and Kafka's are the same, to 10 s.");
        assertThat(found)
                .anyMatch(finding -> finding.startsWith("patient: No transaction hangs in ")
                        && finding.endsWith(", connect-offset."));
        assertThat(findings(ended, "wrong"))
                .filteredOn(DoctorIT::isOfThePatient)
                .singleElement()
                .asString()
                .startsWith("patient: ssl://127.0.0.1:" + ssl + " shows a certificate that expires at ");
        assertThat(findings(ended, "advice"))
                .filteredOn(DoctorIT::isOfThePatient)
                .containsExactly("patient: Messages of QoS 2 arrive at least once.");
        assertThat(findings(ended, "unknown")).noneMatch(DoctorIT::isOfThePatient);
        assertThat(ended.exitCode()).isEqualTo(3);
    }

    @Test
    void what_is_wrong_in_a_file_is_found_with_a_remedy() throws Exception {
        Path file = INSTALLED.file(folder, "sick", INSTALLED.freePort(), "sick");
        Files.writeString(
                file,
                Files.readString(file)
                        .replaceAll(",\\s*\"topic.creation[^,}]*", "")
                        .replace("\"tasks.max\"", "\"exactly.once.support\": \"required\", \"tasks.max\"")
                        .replace(
                                "org.apache.kafka.connect.converters.ByteArrayConverter",
                                "org.apache.kafka.connect.json.JsonConverter"));

        Tool.Ended ended = tool.run("doctor", "-f", file.toString());

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(3);
        assertThat(ended.out())
                .contains("WRONG   sick: value.format: value.format is bytes, and value.converter=")
                .contains("WRONG   sick: It is not there, and Connect does not create it; set topic.creation")
                .contains("WRONG   sick: exactly.once.support is required, and the worker does not give it.")
                .contains("advice  sick: Its producer sends batches of 16 KiB")
                .contains("        -> Set producer.override.batch.size=262144")
                .contains("?       scheduled.rebalance.max.delay.ms: A worker does not tell it.")
                .contains("?       sick: The worker does not have it yet.")
                .contains("?       sick: The topic of its offsets is not known");
    }

    @Test
    void a_worker_that_does_not_answer_is_a_finding() throws Exception {
        Path file = INSTALLED.file(folder, "alone", INSTALLED.freePort(), "alone");

        Tool.Ended ended =
                tool.run("doctor", "-f", file.toString(), "--worker", "http://127.0.0.1:" + INSTALLED.freePort());

        assertThat(ended.exitCode()).isEqualTo(3);
        assertThat(ended.out())
                .contains("WRONG   worker: The Connect worker at ", "does not answer: nothing listens there.")
                .contains("ok      Kafka: ");
    }

    @Test
    void the_bundle_has_what_helps_and_no_secret() throws Exception {
        Path bundle = folder.resolve("bundle.zip");

        Tool.Ended ended = tool.run("doctor", "--bundle", bundle.toString());

        assertThat(ended.err()).contains(bundle + " is written.");
        try (ZipFile zip = new ZipFile(bundle.toFile())) {
            Map<String, String> files = new HashMap<>();
            for (var entry : zip.stream().toList()) {
                files.put(entry.getName(), new String(zip.getInputStream(entry).readAllBytes(), UTF_8));
            }
            assertThat(files.keySet())
                    .contains(
                            "worker.json",
                            "plugins.json",
                            "findings.json",
                            "program.json",
                            "connectors/patient/config.json",
                            "connectors/patient/status.json",
                            "connectors/patient/offsets.json");
            assertThat(files.values()).noneMatch(text -> text.contains(SECRET));
            assertThat(files.get("connectors/patient/config.json"))
                    .contains("\"broker.ssl.keystore.password\" : \"********\"");
        }
        assertThat(tool.run("doctor", "--bundle", bundle.toString()).err()).contains("There is a file " + bundle);
    }

    @Test
    void a_transaction_that_is_under_way_does_not_hang() {
        INSTALLED.kafka().createTopic("patient", 1);
        Map<String, Object> settings = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                INSTALLED.kafka().bootstrapServers(),
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                "under-way");
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("patient", "message"));
            producer.flush();

            assertThat(tool.run("doctor").out())
                    .contains("patient: No transaction hangs in ")
                    .doesNotContain("under-way");

            producer.abortTransaction();
        }
    }

    /** Other test classes' connectors run on the same worker. */
    private static boolean isOfThePatient(String finding) {
        return finding.startsWith("patient: ");
    }

    private static List<String> findings(Tool.Ended ended, String result) throws Exception {
        List<String> findings = new ArrayList<>();
        for (JsonNode row : new JsonMapper().readTree(ended.out())) {
            if (row.path("result").asText().equals(result)) {
                findings.add(
                        row.path("of").asText() + ": " + row.path("finding").asText());
            }
        }
        return findings;
    }

    private static void keytool(Path store) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=127.0.0.1",
                        "-validity",
                        "10",
                        "-storetype",
                        "PKCS12",
                        "-alias",
                        "broker",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        SECRET)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }
}
