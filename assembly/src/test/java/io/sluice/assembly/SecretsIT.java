package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.sluice.testkit.ConnectRest;
import io.sluice.testkit.ConnectRestException;
import io.sluice.testkit.ConnectWorker;
import io.sluice.testkit.FreePort;
import io.sluice.testkit.Jvm;
import io.sluice.testkit.KafkaServer;
import io.sluice.testkit.PluginArchive;
import java.io.InputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets that a config provider reads from a file, in a worker that logs all that it can. */
@Tag("soak")
class SecretsIT {

    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private static final String STORE_PASSWORD = "secret-of-the-key-store";
    private static final String WRONG_PASSWORD = "secret-that-opens-nothing";
    private static final String LOGIN_PASSWORD = "secret-of-the-login";
    private static final String DEVICE_PASSWORD = "secret-of-the-device";

    private static final List<String> SECRETS = List.of(
            STORE_PASSWORD, WRONG_PASSWORD, LOGIN_PASSWORD, DEVICE_PASSWORD, hash(DEVICE_PASSWORD), RemoteBroker.TOKEN);

    /** Loggers that the processes of tests have at other levels than the root. */
    private static final List<String> LOGGERS = List.of(
            "root",
            "org.apache.kafka.connect.runtime.WorkerInfo",
            "org.apache.kafka.clients.admin.AdminClientConfig",
            "org.apache.kafka.clients.consumer.ConsumerConfig",
            "org.apache.kafka.clients.producer.ProducerConfig",
            "org.apache.kafka.common.config.AbstractConfig",
            "io.moquette.broker.metrics.MQTTMessageLogger");

    private static final RemoteJmx JMX = RemoteJmx.onFreePort();

    @TempDir
    static Path folder;

    private static KafkaServer kafka;
    private static String loginServers;
    private static ConnectWorker worker;

    @BeforeAll
    static void start() throws Exception {
        Path libraries = Path.of(System.getProperty("kafka.libraries"));
        PluginArchive.unpack(Archives.ZIP, folder.resolve("plugins"));
        kafka = new KafkaServer(libraries, folder.resolve("kafka"));
        int loginPort = FreePort.next();
        kafka.listenBesides(
                "LOGIN",
                "SASL_PLAINTEXT",
                loginPort,
                Map.of(
                        "sasl.enabled.mechanisms",
                        "PLAIN",
                        "plain.sasl.jaas.config",
                        "org.apache.kafka.common.security.plain.PlainLoginModule required user_sluice=\""
                                + LOGIN_PASSWORD + "\";"));
        loginServers = "127.0.0.1:" + loginPort;
        kafka.start();
        writeSecrets();
        worker = new ConnectWorker(
                ConnectWorker.Mode.DISTRIBUTED,
                libraries,
                folder.resolve("plugins"),
                kafka.bootstrapServers(),
                folder.resolve("connect"),
                Map.of(
                        "config.providers",
                        "file",
                        "config.providers.file.class",
                        "org.apache.kafka.common.config.provider.FileConfigProvider"),
                Jvm.smallAndQuick().with(JMX.jvmOptions()));
        worker.start();
        LOGGERS.forEach(logger -> worker.rest().log(logger, "TRACE"));
    }

    @AfterAll
    static void end() {
        worker.close();
        kafka.close();
    }

    @Test
    void key_stores_and_logins_work_with_secrets_from_a_provider_and_nobody_is_told_them() throws Exception {
        String name = "secrets";
        int port = FreePort.next();
        Map<String, String> config = embedded(name, port);
        assertThat(rest().validate(name, config).path("error_count").asInt()).isZero();
        rest().create(name, config);
        rest().awaitRunning(name, TIMEOUT);

        Mqtt5BlockingClient device = Mqtt5Client.builder()
                .identifier("thermometer")
                .serverHost("127.0.0.1")
                .serverPort(port)
                .sslConfig()
                .trustManagerFactory(trust())
                .applySslConfig()
                .simpleAuth()
                .username("device")
                .password(DEVICE_PASSWORD.getBytes(UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        device.connect();
        device.publishWith()
                .topic("sensors/1")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("1".getBytes(UTF_8))
                .send();
        device.disconnect();

        assertThatKafkaHasOneRecordOf(name);
        assertThatNobodyIsTold(name, config);
        rest().delete(name);
    }

    @Test
    void a_token_from_a_provider_opens_a_broker_elsewhere_and_nobody_is_told_it() throws Exception {
        String name = "secrets-remote";
        try (RemoteBroker broker = new RemoteBroker()) {
            Map<String, String> config = new HashMap<>(Installed.sampleConfiguration("remote.json"));
            config.keySet().removeIf(key -> key.startsWith("buffer.ssl."));
            config.put("tasks.max", "1");
            config.put("kafka.topic", name);
            config.put("buffer.endpoints", broker.network().endpoint());
            config.put("buffer.auth.token", secret("token"));
            rest().create(name, config);
            rest().awaitRunning(name, TIMEOUT);
            broker.awaitKnown(name);
            try (Publisher device = Publisher.mqtt3("thermometer", broker.mqttPort())) {
                device.connect();
                assertThat(device.publish("sensors/1", "1".getBytes(UTF_8))).succeedsWithin(TIMEOUT);
            }

            assertThatKafkaHasOneRecordOf(name);
            assertThatNobodyIsTold(name, config);
            rest().delete(name);
        }
    }

    @Test
    void a_task_that_fails_of_a_secret_or_of_another_configuration_tells_none_of_them() throws Exception {
        int port = FreePort.next();
        Map<String, String> running = embedded("secrets-running", port);
        rest().create("secrets-running", running);
        rest().awaitRunning("secrets-running", TIMEOUT);

        Map<String, String> other = embedded("secrets-other", port);
        other.put("broker.name", running.get("broker.name"));
        other.put("broker.ssl.keystore.password", secret("wrong"));
        rest().create("secrets-other", other);
        assertThat(traceOfFailure("secrets-other")).contains("already runs with another configuration");
        assertThatNobodyIsTold("secrets-other", other);
        rest().delete("secrets-other");
        rest().delete("secrets-running");

        Map<String, String> wrong = embedded("secrets-wrong", FreePort.next());
        wrong.put("broker.ssl.keystore.password", secret("wrong"));
        rest().create("secrets-wrong", wrong);
        assertThat(traceOfFailure("secrets-wrong")).contains("devices.p12");
        assertThatNobodyIsTold("secrets-wrong", wrong);
        rest().delete("secrets-wrong");
    }

    private static String traceOfFailure(String name) {
        await().atMost(TIMEOUT)
                .ignoreExceptionsInstanceOf(ConnectRestException.class)
                .until(() -> rest().status(name).at("/tasks/0/state").asText().equals("FAILED"));
        return rest().status(name).at("/tasks/0/trace").asText();
    }

    private static void assertThatKafkaHasOneRecordOf(String topic) {
        try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), topic)) {
            assertThat(reader.read(1, TIMEOUT)).hasSize(1);
        }
    }

    private static void assertThatNobodyIsTold(String name, Map<String, String> config) throws Exception {
        assertThatNoneIsIn(rest().config(name).toString(), "GET config");
        assertThatNoneIsIn(rest().status(name).toString(), "GET status");
        assertThatNoneIsIn(rest().validate(name, config).toString(), "PUT validate");
        Map<String, String> mistaken = new HashMap<>(config);
        mistaken.put("producer.override.sasl.jaas.config", secret("wrong"));
        mistaken.put("topic.filters", "sensors/#/temp");
        assertThatNoneIsIn(rest().validate(name, mistaken).toString(), "PUT validate");
        assertThatNoneIsIn(
                String.join("\n", (String[]) JMX.value("io.sluice:type=Events", "Latest")), "the events over JMX");
        List<String> log = new WorkerLog(worker).lines();
        assertThat(log).anyMatch(line -> line.contains(" TRACE "));
        for (String line : log) {
            assertThatNoneIsIn(line, "the worker's log");
        }
    }

    private static void assertThatNoneIsIn(String text, String where) {
        for (String secret : SECRETS) {
            assertThat(text).as(where).doesNotContain(secret);
        }
    }

    private static Map<String, String> embedded(String name, int port) throws Exception {
        Map<String, String> config = new HashMap<>(Installed.sampleConfiguration("first.json"));
        config.put("broker.name", name);
        config.put("broker.listeners", "ssl://127.0.0.1:" + port);
        config.put("broker.ssl.keystore.location", folder.resolve("devices.p12").toString());
        config.put("broker.ssl.keystore.password", secret("store"));
        config.put("broker.password.file", secret("passwords"));
        config.put("buffer.dir", folder.resolve("buffer-" + port).toString());
        config.put("kafka.topic", name);
        for (String client : List.of("producer", "admin")) {
            config.put(client + ".override.bootstrap.servers", loginServers);
            config.put(client + ".override.security.protocol", "SASL_PLAINTEXT");
            config.put(client + ".override.sasl.mechanism", "PLAIN");
            config.put(client + ".override.sasl.jaas.config", secret("login"));
        }
        return config;
    }

    private static String secret(String key) {
        return "${file:" + folder.resolve("secrets.properties") + ":" + key + "}";
    }

    private static void writeSecrets() throws Exception {
        Path passwords = Files.writeString(folder.resolve("passwords"), "device:" + hash(DEVICE_PASSWORD) + "\n");
        Properties secrets = new Properties();
        secrets.put("store", STORE_PASSWORD);
        secrets.put("wrong", WRONG_PASSWORD);
        secrets.put("token", RemoteBroker.TOKEN);
        secrets.put("passwords", passwords.toString());
        secrets.put(
                "login",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"sluice\" password=\""
                        + LOGIN_PASSWORD + "\";");
        try (Writer writer = Files.newBufferedWriter(folder.resolve("secrets.properties"))) {
            secrets.store(writer, null);
        }
        SelfSigned.keyStore(folder.resolve("devices.p12"), STORE_PASSWORD);
    }

    private static String hash(String password) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(password.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TrustManagerFactory trust() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve("devices.p12"))) {
            store.load(in, STORE_PASSWORD.toCharArray());
        }
        store.setCertificateEntry("broker", store.getCertificate("broker-key"));
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    private static ConnectRest rest() {
        return worker.rest();
    }
}
