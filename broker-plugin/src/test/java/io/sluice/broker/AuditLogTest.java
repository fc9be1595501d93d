package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import at.favre.lib.crypto.bcrypt.BCrypt;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import io.sluice.LoggedEvents;
import io.sluice.broker.access.AuditLog;
import io.sluice.broker.access.AuditLog.Event;
import io.sluice.broker.access.AuditLog.Who;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {

    private static final String PASSWORD = "open-sesame";

    @TempDir
    private Path dir;

    @RegisterExtension
    private final LoggedEvents logged = LoggedEvents.of("io.sluice.audit");

    /** Ports differ from run to run. */
    private List<String> lines() {
        return logged.lines().stream()
                .filter(line ->
                        line.matches(".*(user=\"(ann|b\\\\u000aob)|file=\"" + dir + "|address=\"address|left_out).*"))
                .map(line -> line.replaceAll("127\\.0\\.0\\.1:\\d+", "127.0.0.1"))
                .toList();
    }

    private static Mqtt5BlockingClient client(TestBroker broker, String id, String user, String password) {
        return MqttClient.builder()
                .useMqttVersion5()
                .identifier(id)
                .serverHost("127.0.0.1")
                .serverPort(broker.port())
                .simpleAuth()
                .username(user)
                .password(password.getBytes(UTF_8))
                .applySimpleAuth()
                .buildBlocking();
    }

    @Test
    void it_says_who_came_who_went_and_who_was_refused_what_and_no_secret() throws Exception {
        Path passwords = Files.writeString(
                dir.resolve("passwords"),
                "ann:" + BCrypt.withDefaults().hashToString(4, PASSWORD.toCharArray()) + "\n");
        Path acl = Files.writeString(dir.resolve("acl"), "topic open/#\n");
        try (TestBroker broker =
                new TestBroker.Wanted().passwordFile(passwords).aclFile(acl).start()) {
            Mqtt5BlockingClient ann = client(broker, "7", "ann", PASSWORD);
            ann.connect();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> ann.publishWith()
                                .topic("closed/1")
                                .qos(MqttQos.AT_LEAST_ONCE)
                                .send())
                        .isInstanceOf(Mqtt5PubAckException.class);
            }
            assertThatThrownBy(() -> ann.subscribeWith().topicFilter("closed/#").send())
                    .isInstanceOf(Mqtt5SubAckException.class);
            ann.disconnect();
            assertThatThrownBy(client(broker, "8", "ann", PASSWORD + "!")::connect)
                    .isNotNull();
            assertThatThrownBy(client(broker, "9\u001b[2J\"", "b\nob", PASSWORD)::connect)
                    .isNotNull();
            Files.writeString(acl, "topic open/#\ntopic other/#\n");
            await().until(() -> lines().stream().anyMatch(line -> line.startsWith("reload")));
            await().until(() -> lines().size() == 7);

            assertThat(lines())
                    .containsExactlyInAnyOrder(
                            "connect address=\"127.0.0.1\" client=\"7\" user=\"ann\"",
                            "deny address=\"127.0.0.1\" client=\"7\" user=\"ann\" action=\"publish\" topic=\"closed/1\"",
                            "deny address=\"127.0.0.1\" client=\"7\" user=\"ann\" action=\"subscribe\" topic=\"closed/#\"",
                            "disconnect address=\"127.0.0.1\" client=\"7\" user=\"ann\" why=\"it sent DISCONNECT\"",
                            "refuse address=\"127.0.0.1\" client=\"8\" user=\"ann\" reason=\"BAD_USER_NAME_OR_PASSWORD\""
                                    + " why=\"wrong password of user 'ann'\"",
                            "refuse address=\"127.0.0.1\" client=\"9\\u001b[2J\\\"\" user=\"b\\u000aob\""
                                    + " reason=\"BAD_USER_NAME_OR_PASSWORD\" why=\"there is no user 'b\\u000aob'\"",
                            "reload what=\"ACL file\" file=\"" + acl + "\" outcome=\"in force\"");
            assertThat(logged.lines()).noneMatch(line -> line.contains(PASSWORD));
        }
    }

    @Test
    void a_flood_fills_no_disk_and_what_was_left_out_is_counted() {
        AuditLog log = new AuditLog();
        Who who = new Who("address", "c", Optional.empty(), Optional.of("CN=c"));
        for (int i = 0; i < 5_000; i++) {
            log.say(Event.REFUSE, who);
        }
        int said = lines().size();
        assertThat(said).isBetween(1_000, 4_000);
        log.say(Event.CONNECT, who);
        assertThat(lines()).last().isEqualTo("connect address=\"address\" client=\"c\" certificate=\"CN=c\"");

        await().until(() -> {
            log.say(Event.REFUSE, who);
            return lines().size() > said + 1;
        });
        assertThat(lines().get(said + 1)).matches("refuse left_out=\\d+");
    }
}
