package io.sluice.connect.config;

import static io.sluice.connect.config.Written.config;
import static io.sluice.connect.config.Written.containing;
import static io.sluice.connect.config.Written.hidden;
import static io.sluice.connect.config.Written.mistakes;
import static io.sluice.connect.config.Written.properties;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.broker.BrokerConfig;
import io.sluice.broker.access.AccessConfig;
import io.sluice.broker.access.CertificateNames;
import io.sluice.broker.door.BrokerLimits;
import io.sluice.broker.door.ConnectionLimits;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.door.transport.QueueLimits;
import io.sluice.broker.door.transport.WebSocketOrigin;
import io.sluice.broker.rate.ConnectRates;
import io.sluice.broker.rate.PublishRates;
import io.sluice.broker.rate.RateLimits;
import io.sluice.broker.session.SessionLimits;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.record.Lanes;
import io.sluice.connect.delivery.BatchLimits;
import io.sluice.connect.delivery.ErrorLog;
import io.sluice.connect.delivery.Tolerance;
import io.sluice.connect.format.ConvertedSize;
import io.sluice.connect.format.ValueFormat;
import io.sluice.connect.route.DeadLetters;
import io.sluice.connect.route.RecordKey;
import io.sluice.connect.route.RecordLimit;
import io.sluice.connect.route.RecordTime;
import io.sluice.connect.route.Route;
import io.sluice.connect.route.Template;
import io.sluice.message.TopicFilter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceConfigTest {

    @Test
    void the_least_configuration_is_a_folder() {
        SourceConfig config = config();

        assertThat(config.broker())
                .isEqualTo(new BrokerConfig(
                        "default",
                        List.of(Listener.of("tcp://127.0.0.1:1883")),
                        false,
                        new AccessConfig(
                                true,
                                Optional.empty(),
                                Optional.empty(),
                                CertificateNames.NONE,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()),
                        Optional.empty(),
                        1_000_000,
                        new BrokerLimits(
                                new ConnectionLimits(ConnectionLimits.defaultMax(), ConnectionLimits.defaultMax() / 2),
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(30),
                                Duration.ZERO,
                                new QueueLimits(QueueLimits.defaultMaxBytes(), 1 << 20),
                                new RateLimits(PublishRates.UNLIMITED, ConnectRates.DEFAULT, RateLimits.LOGIN_DELAY),
                                SessionLimits.DEFAULT),
                        Duration.ofDays(7),
                        true,
                        List.of(),
                        Duration.ofSeconds(30),
                        new BufferConfig(
                                Optional.of(Path.of("/data/iot")),
                                1_073_741_824,
                                Overflow.BLOCK,
                                67_108_864,
                                Duration.ZERO,
                                Duration.ofDays(7))));
        assertThat(config.consumer(Lanes.ALL))
                .isEqualTo(new AttachRequest("mqtt", List.of(TopicFilter.of("#")), AckMode.BUFFERED, Lanes.ALL));
        assertThat(config.batchLimits()).isEqualTo(new BatchLimits(2_000, 1 << 22));
        assertThat(config.tolerance()).isEqualTo(Tolerance.NONE);
        assertThat(config.errorLog()).isEqualTo(ErrorLog.SUMMARY);
        assertThat(config.deadLetters()).contains(new DeadLetters("mqtt.dead.letters", 1_030_000, "mqtt"));
        assertThat(config("dead.letter.topic", "").deadLetters()).isEmpty();
        Route route = config.routes().takers("a").get(0);
        assertThat(route.key()).isEqualTo(new RecordKey(Template.of("{topic}"), Optional.empty(), false));
        assertThat(route.time()).isEqualTo(RecordTime.RECEIVED);
        assertThat(route.value().format()).isEqualTo(ValueFormat.BYTES);
        assertThat(route.limit()).isEqualTo(new RecordLimit(1_000_000, ConvertedSize.AS_IS, ConvertedSize.AS_IS));
        assertThat(route.skipRetained()).isFalse();
    }

    @Test
    void every_key_reaches_the_type_that_works_with_it() {
        SourceConfig config = config(
                "broker.listeners", "tcp://10.0.0.1:0, ws://10.0.0.1:8083",
                "broker.name", "plant",
                "broker.linger.ms", "0",
                "broker.password.file", "/etc/passwords",
                "broker.acl.file", "/etc/acl",
                "broker.max.message.bytes", "10",
                "broker.queued.max.bytes", "100000",
                "broker.connection.queued.max.bytes", "70000",
                "broker.session.expiry.ms", "1000",
                "broker.fanout", "false",
                "broker.websocket.origins", "https://Example.com:443, *",
                "buffer.max.bytes", "131072",
                "buffer.overflow", "drop.oldest",
                "buffer.segment.bytes", "65536",
                "buffer.retention.ms", "5",
                "buffer.consumer.expiry.ms", "0",
                "ack.mode", "delivered",
                "topic.filters", "a/#, b/+",
                "kafka.key", "",
                "kafka.key.required", "true",
                "value.format", "string",
                "retained", "skip",
                "record.max.bytes", "99",
                "poll.max.records", "3",
                "poll.max.bytes", "4",
                "errors.tolerance", "all",
                "errors.log.enable", "true",
                "errors.log.include.messages", "true",
                "dead.letter.topic", "dead",
                "dead.letter.max.bytes", "262144");

        BrokerConfig broker = config.broker();
        assertThat(broker.listeners().stream().map(Listener::toString))
                .containsExactly("tcp://10.0.0.1:0", "ws://10.0.0.1:8083");
        assertThat(broker.name()).isEqualTo("plant");
        assertThat(broker.access().allowAnonymous()).isFalse();
        assertThat(broker.access().passwordFile()).contains(Path.of("/etc/passwords"));
        assertThat(broker.access().aclFile()).contains(Path.of("/etc/acl"));
        assertThat(broker.maxMessageBytes()).isEqualTo(10);
        assertThat(broker.limits().queues()).isEqualTo(new QueueLimits(100_000, 70_000));
        assertThat(broker.sessionExpiry()).isEqualTo(Duration.ofSeconds(1));
        assertThat(broker.fanout()).isFalse();
        assertThat(broker.webSocketOrigins())
                .containsExactly(new WebSocketOrigin("https://example.com"), new WebSocketOrigin("*"));
        assertThat(broker.linger()).isZero();
        assertThat(broker.buffer())
                .isEqualTo(new BufferConfig(
                        Optional.of(Path.of("/data/iot")),
                        131_072,
                        Overflow.DROP_OLDEST,
                        65_536,
                        Duration.ofMillis(5),
                        Duration.ZERO));
        assertThat(config.consumer(Lanes.ALL).ackMode()).isEqualTo(AckMode.DELIVERED);
        assertThat(config.consumer(Lanes.ALL).filters()).containsExactly(TopicFilter.of("a/#"), TopicFilter.of("b/+"));
        assertThat(config.batchLimits()).isEqualTo(new BatchLimits(3, 4));
        assertThat(config.tolerance()).isEqualTo(Tolerance.ALL);
        assertThat(config.errorLog()).isEqualTo(ErrorLog.EACH_WITH_PAYLOAD);
        assertThat(config.deadLetters()).contains(new DeadLetters("dead", 262_144, "mqtt"));
        Route route = config.routes().takers("b/1").get(0);
        assertThat(route.key()).isEqualTo(new RecordKey(Template.of(""), Optional.empty(), true));
        assertThat(route.value().format()).isEqualTo(ValueFormat.STRING);
        assertThat(route.limit()).isEqualTo(new RecordLimit(99, ConvertedSize.AS_IS, ConvertedSize.AS_IS));
        assertThat(route.skipRetained()).isTrue();
    }

    @Test
    void a_buffer_in_memory_needs_no_folder_and_has_none() {
        assertThat(config("buffer.storage", "memory").broker().buffer().dir()).isEmpty();
        assertThat(mistakes("buffer.storage", "memory", "buffer.dir", null)).isEmpty();
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "topic.filters; a/#/b; 'a/#/b' is not a topic filter: '#' must be its whole last level",
                "topic.filters; $share/g/a; shared subscriptions divide messages among subscribers",
                "topic.filters; ``; name at least one",
                "broker.mode; nowhere; it takes one of embedded, remote",
                "broker.listeners; 127.0.0.1:1883; '127.0.0.1:1883' is not a listener",
                "broker.connections.max; 0; it must be a whole number of at least 1",
                "broker.connect.timeout.ms; 99; it must be a whole number of at least 100",
                "broker.retained.max.messages; -1; it must be a whole number of at least 0",
                "broker.name; ``; String must be non-empty",
                "broker.linger.ms; -1; Value must be at least 0",
                "broker.queued.max.bytes; 1; it must be a whole number of at least 65536",
                "broker.websocket.origins; example.com; 'example.com' is not an origin: write it as https://example.com",
                "broker.websocket.origins; https://a/b; 'https://a/b' is not an origin",
                "broker.max.message.bytes; 0; it must be a whole number from 1 to",
                "broker.password.file; ``; it is empty; leave the key out, or name a path",
                "buffer.storage; tape; it takes one of disk, memory",
                "buffer.overflow; drop; it takes one of block, reject, drop.newest, drop.oldest",
                "buffer.max.bytes; 100; less than two segments of 67108864 bytes: set it to 134217728 or more",
                "buffer.segment.bytes; 10; it must be a whole number from 65536 to",
                "buffer.dir; ``; it is empty; leave the key out, or name a path",
                "ack.mode; safe; it takes one of received, buffered, delivered",
                "kafka.topic; {x}; there is no placeholder {x}; the placeholders are {topic}",
                "kafka.topic; {topic}; begin with a literal, as in iot.{topic}",
                "kafka.topic; a b; Kafka's topic names are made of letters, digits, '.', '_' and '-'",
                "kafka.topic; __x; names that begin with '__' are Kafka's own",
                "kafka.topic.allow; [; it is not a regular expression",
                "kafka.topic.max.distinct; 0; Value must be at least 1",
                "kafka.key; {topic; the brace at character 1 is not closed",
                "kafka.header.unit; {x}; there is no placeholder {x}; the placeholders are {topic}",
                "kafka.header.; x; the key lacks a name after its last dot",
                "metadata.floor; {topic; the brace at character 1 is not closed",
                "kafka.headers.charset; UTF-9; there is no such charset",
                "kafka.headers.charset; ISO-2022-CN; there is no such charset",
                "kafka.headers.charset; UTF-16; set header.converter=org.apache.kafka.connect.converters.ByteArrayConverter",
                "mqtt.headers; mqtt.topics; it is none of all, none, mqtt.topic, ",
                "value.format; yaml; it takes one of bytes, string",
                "retained; drop; it takes one of forward, skip",
                "record.max.bytes; 0; Value must be at least 1",
                "dead.letter.topic; a b; Kafka's topic names are made of letters, digits, '.', '_' and '-'",
                "dead.letter.topic; __x; names that begin with '__' are Kafka's own",
                "dead.letter.topic; dead.{qos}; it has placeholders; name one Kafka topic",
                "dead.letter.topic; mqtt.messages; which is the topic of kafka.topic: name another",
                "dead.letter.max.bytes; 1000; Value must be at least 262144",
                "poll.max.records; 0; Value must be at least 1",
                "poll.max.bytes; x; Not a number of type INT",
                "routes; a b; the name of a route is made of letters, digits, - and _",
                "transaction.boundary; interval; leave it at poll"
            })
    void a_wrong_value_is_refused_in_a_sentence_on_its_own_key(String key, String value, String sentence) {
        Map<String, String> mistakes = mistakes(key, value);

        assertThat(mistakes).containsOnlyKeys(key);
        assertThat(mistakes.get(key)).contains(key).contains(sentence);
        if (!key.equals("buffer.max.bytes") && !value.isEmpty()) {
            assertThat(mistakes.get(key)).contains(value.split(",", -1)[0]);
        }
        assertThatThrownBy(() -> config(key, value))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void a_buffer_on_disk_needs_a_folder() {
        assertThat(mistakes("buffer.dir", null))
                .containsExactly(Map.entry(
                        "buffer.dir",
                        "buffer.dir is not set: name a folder for this broker alone that outlives its process, such as"
                                + " /var/lib/sluice/iot, or set buffer.storage=memory."));
    }

    @Test
    void a_key_that_nobody_reads_is_refused_with_the_nearest_there_is() {
        assertThat(mistakes("topic.filter", "a/#"))
                .hasEntrySatisfying("topic.filter", containing("is it topic.filters?"));
        assertThat(mistakes("kafka.topics", "a")).hasValueSatisfying(containing("is it kafka.topic?"));
        assertThat(mistakes("buffer.max.byte", "1")).hasValueSatisfying(containing("is it buffer.max.bytes?"));
        assertThat(mistakes("kafk.topic", "a")).hasValueSatisfying(containing("is it kafka.topic?"));
        assertThat(mistakes("routes", "a", "route.a.topic.filters", "#", "route.a.kafka.topik", "x"))
                .hasValueSatisfying(containing("is it route.a.kafka.topic?"));
    }

    @Test
    void keys_of_kafka_connect_and_of_what_it_loads_are_nobodys_mistake() {
        assertThat(mistakes(
                        "topic.creation.default.partitions", "1",
                        "topic.creation.default.replication.factor", "1",
                        "value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter",
                        "value.converter.schemas.enable", "false",
                        "producer.override.linger.ms", "5",
                        "errors.log.enable", "true",
                        "exactly.once.support", "required",
                        "offsets.storage.topic", "own",
                        "config.action.reload", "none",
                        "connector.plugin.version", "[0.1,)",
                        "company.label", "x"))
                .isEmpty();
    }

    @Test
    void a_task_gets_what_the_user_wrote() {
        Map<String, String> properties = properties(
                "routes", "a,b",
                "route.a.topic.filters", "a/#",
                "route.a.value.format", "tbmq",
                "route.b.topic.filters", "b/#",
                "metadata.floor", "{qos}");

        List<Map<String, String>> tasks = SourceConfig.of(properties).taskConfigs(8);

        assertThat(tasks).containsExactly(properties);
        assertThat(SourceConfig.check(tasks.get(0)))
                .allSatisfy(value -> assertThat(value.errorMessages()).isEmpty());
    }

    @Test
    void a_key_without_a_value_is_like_one_that_was_left_out() {
        Map<String, String> properties = properties();
        properties.put("routes", null);
        properties.put("buffer.storage", null);
        properties.put("transaction.boundary", null);

        assertThat(SourceConfig.check(properties))
                .allSatisfy(value -> assertThat(value.errorMessages()).isEmpty());
        assertThat(SourceConfig.isOnDisk(properties)).isTrue();
    }

    @Test
    void keys_are_shown_where_they_mean_something() {
        assertThat(hidden())
                .containsExactlyInAnyOrder(
                        "broker.websocket.origins",
                        "broker.ssl.keystore.location",
                        "broker.ssl.keystore.password",
                        "broker.ssl.keystore.type",
                        "broker.ssl.key.password",
                        "broker.ssl.truststore.location",
                        "broker.ssl.truststore.password",
                        "broker.ssl.truststore.type",
                        "broker.ssl.client.auth",
                        "broker.ssl.crl.location",
                        "broker.ssl.ocsp",
                        "broker.ssl.principal",
                        "broker.ssl.principal.mapping.rules",
                        "broker.ssl.enabled.protocols",
                        "broker.ssl.cipher.suites",
                        "connections.topic",
                        "kafka.topic.allow",
                        "kafka.topic.max.distinct",
                        "kafka.topic.replacement",
                        "value.schema.infer.dir",
                        "value.schema.infer.max.fields",
                        "status.token.file",
                        "status.ssl.keystore.location",
                        "status.ssl.keystore.password",
                        "status.ssl.keystore.type",
                        "status.ssl.key.password",
                        "status.allow.disconnect");
        assertThat(hidden("capture.connections", "true")).doesNotContain("connections.topic");
        assertThat(hidden("value.schema", "infer")).doesNotContain("value.schema.infer.dir");
        assertThat(hidden("dead.letter.topic", "")).contains("dead.letter.max.bytes");
        assertThat(hidden("kafka.topic", "iot.{topic}"))
                .doesNotContain("kafka.topic.allow", "kafka.topic.max.distinct");
        assertThat(hidden("routes", "a", "route.a.topic.filters", "#", "route.a.kafka.topic", "iot.{"))
                .contains("kafka.topic.allow")
                .doesNotContain("route.a.kafka.topic.allow");
        assertThat(hidden("buffer.storage", "memory")).contains("buffer.dir");
        assertThat(hidden("broker.listeners", "tcp://127.0.0.1:1,wss://127.0.0.1:2"))
                .contains(
                        "broker.ssl.truststore.location",
                        "broker.ssl.truststore.password",
                        "broker.ssl.truststore.type")
                .doesNotContain("broker.ssl.keystore.location", "broker.ssl.client.auth", "broker.websocket.origins");
        assertThat(hidden("broker.listeners", "ssl://127.0.0.1:1", "broker.ssl.client.auth", "requested"))
                .noneMatch(key -> key.startsWith("broker.ssl."));
        assertThat(hidden("broker.listeners", "nonsense")).contains("broker.ssl.keystore.location");
    }

    @Test
    void words_are_proposed_where_words_are_taken() {
        assertThat(SourceConfig.check(properties()))
                .filteredOn(value -> !value.recommendedValues().isEmpty())
                .extracting(ConfigValue::name)
                .contains("ack.mode", "buffer.overflow", "broker.ssl.client.auth", "broker.ssl.keystore.type");
    }

    @Test
    void several_mistakes_are_all_reported() {
        assertThat(mistakes("ack.mode", "x", "buffer.dir", null, "kafka.key", "{"))
                .containsOnlyKeys("ack.mode", "buffer.dir", "kafka.key");
    }
}
