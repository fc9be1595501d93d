package io.sluice.tools.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tools.Connector;
import io.sluice.tools.doctor.Finding.Level;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page on security asks of a listener that other machines reach. */
class HardeningExamTest {

    private static final String EVERYWHERE = "ssl://0.0.0.0:8883";

    @TempDir
    private Path dir;

    private static List<Finding> look(boolean isHere, Map<String, String> config) {
        Findings findings = new Findings();
        new HardeningExam(isHere, findings).connector(new Connector("iot", config));
        return findings.all();
    }

    private static List<String> advice(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.level() == Level.ADVICE)
                .map(Finding::sentence)
                .toList();
    }

    private Path file(String name, String permissions, String... lines) throws Exception {
        Path file = Files.write(dir.resolve(name), List.of(lines));
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private Map<String, String> hardened() throws Exception {
        return new TreeMap<>(Map.of(
                "broker.listeners",
                EVERYWHERE,
                "broker.password.file",
                file("passwords", "rw-r-----", "ann:$7$101$a$b").toString(),
                "broker.acl.file",
                file("rules", "rw-r-----", "pattern write devices/%u/#").toString(),
                "broker.connections.max",
                "1000",
                "broker.max.message.bytes",
                "10000",
                "broker.publish.rate.max.per.client",
                "10"));
    }

    @Test
    void listeners_that_only_this_machine_reaches_need_nothing() {
        for (String listeners : List.of("tcp://127.0.0.1:1883", "tcp://localhost:1883,ws://[::1]:8083")) {
            assertThat(look(true, Map.of("broker.listeners", listeners)))
                    .singleElement()
                    .extracting(Finding::level)
                    .isEqualTo(Level.OK);
        }
        assertThat(look(true, Map.of())).extracting(Finding::level).containsExactly(Level.OK);
    }

    @Test
    void what_is_open_is_said_with_what_closes_it() {
        Map<String, String> open =
                Map.of("broker.listeners", "tcp://0.0.0.0:1883,ssl://0.0.0.0:8883", "broker.allow.anonymous", "true");

        assertThat(advice(look(true, open)))
                .satisfiesExactly(
                        sentence -> assertThat(sentence).startsWith("tcp://0.0.0.0:1883 is not encrypted"),
                        sentence -> assertThat(sentence).startsWith("broker.allow.anonymous=true lets everybody in."),
                        sentence -> assertThat(sentence)
                                .startsWith("Every device may publish and subscribe to every topic.")
                                .contains("broker.acl.file"),
                        sentence ->
                                assertThat(sentence).startsWith("broker.connections.max and broker.max.message.bytes"),
                        sentence -> assertThat(sentence).contains("broker.publish.rate.max.per.client"));
    }

    @Test
    void what_is_hardened_gets_no_advice_and_what_cannot_be_seen_is_said() throws Exception {
        List<Finding> findings = look(true, hardened());

        assertThat(findings)
                .singleElement()
                .satisfies(finding -> assertThat(finding.sentence())
                        .contains("sluice-turned-away-connections-total")
                        .contains("io.sluice.audit"));
        assertThat(findings.get(0).level()).isEqualTo(Level.UNKNOWN);

        assertThat(look(false, hardened()))
                .extracting(Finding::sentence)
                .anySatisfy(sentence ->
                        assertThat(sentence).startsWith("Who may read and write " + dir.resolve("passwords")));
        assertThat(look(true, Map.of("broker.mode", "remote")))
                .singleElement()
                .extracting(Finding::level)
                .isEqualTo(Level.UNKNOWN);
    }

    @Test
    void certificates_and_tokens_are_asked_for_what_they_prove() throws Exception {
        Map<String, String> config = hardened();
        config.put("broker.ssl.client.auth", "required");
        config.put("broker.jwt.jwks", "https://issuer/jwks");
        config.put("broker.jwt.issuer", "https://issuer");

        assertThat(advice(look(true, config)))
                .satisfiesExactly(
                        sentence -> assertThat(sentence)
                                .startsWith("A token that was issued for another service")
                                .endsWith("Set broker.jwt.audience."),
                        sentence -> assertThat(sentence).contains("broker.ssl.principal"),
                        sentence -> assertThat(sentence).contains("broker.ssl.crl.location or broker.ssl.ocsp"));

        config.put("broker.jwt.audience", "mqtt");
        config.put("broker.ssl.principal", "cn");
        config.put("broker.ssl.ocsp", "required");
        assertThat(advice(look(true, config))).isEmpty();
    }

    @Test
    void files_are_looked_at_where_the_worker_is() throws Exception {
        Map<String, String> config = hardened();
        Path passwords = file("weak", "rw-r--r--", "ann:" + "0".repeat(64));
        Path rules = file("open", "rw-rw-r--", "pattern write devices/%c/#");
        config.put("broker.password.file", passwords.toString());
        config.put("broker.acl.file", rules.toString());

        List<Finding> findings = look(true, config);

        assertThat(advice(findings))
                .satisfiesExactly(
                        sentence -> assertThat(sentence).startsWith(passwords + " has passwords as SHA-256"),
                        sentence -> assertThat(sentence)
                                .startsWith(rules + " gives rights by client id (%c)")
                                .endsWith("broker.client.id.pattern={username}-.*"),
                        sentence -> assertThat(sentence).endsWith("chmod o-r " + passwords));
        assertThat(findings)
                .filteredOn(finding -> finding.level() == Level.WRONG)
                .extracting(Finding::remedy)
                .containsExactly("chmod go-w " + rules);

        config.put("broker.password.file", "${file:/etc/secrets:passwords}");
        config.put("broker.client.id.pattern", "{username}-.*");
        assertThat(advice(look(true, config))).isEmpty();
    }

    @Test
    void a_command_that_is_offered_names_the_file_however_it_is_called() throws Exception {
        Map<String, String> config = hardened();
        Path passwords = file("ann's passwords", "rw-rw-r--", "ann:$7$101$a$b");
        Path rules = file("a b; rules", "rw-r--r--", "pattern write devices/%u/#");
        config.put("broker.password.file", passwords.toString());
        config.put("broker.acl.file", rules.toString());

        List<Finding> findings = look(true, config);

        assertThat(findings)
                .extracting(Finding::remedy)
                .contains("chmod go-w '" + dir + "/ann'\\''s passwords'", "chmod o-r '" + rules + "'");
    }

    /** A path that the system of this machine cannot have, or that it cannot write in this locale. */
    @Test
    void a_file_whose_path_is_none_is_not_seen_and_hides_no_other_finding() throws Exception {
        Map<String, String> config = hardened();
        config.put("broker.password.file", "/a\u0000b");
        config.put("broker.allow.anonymous", "true");

        List<Finding> findings = look(true, config);

        assertThat(advice(findings)).singleElement().asString().contains("lets everybody in");
        assertThat(findings)
                .extracting(Finding::finding)
                .contains("Who may read and write /a\u0000b is not seen from here.");
    }

    @Test
    void interfaces_of_those_who_run_it_are_on_another_network() throws Exception {
        Map<String, String> config = hardened();
        config.put("status.listener", "https://0.0.0.0:9404");
        config.put(
                "status.token.file",
                file("tokens", "rw-r--r--", "a-token-of-enough-length").toString());
        assertThat(advice(look(true, config)))
                .satisfiesExactly(
                        sentence -> assertThat(sentence).startsWith("status.listener is https://0.0.0.0:9404"),
                        sentence -> assertThat(sentence).endsWith("chmod o-r " + dir.resolve("tokens")));

        Findings findings = new Findings();
        HardeningExam exam = new HardeningExam(true, findings);
        exam.worker(URI.create("http://127.0.0.1:8083"), Optional.empty());
        exam.worker(URI.create("https://192.0.2.1:8083"), Optional.empty());
        exam.worker(
                URI.create("http://127.0.0.1:8083"),
                Optional.of(new WorkerFile(Map.of("listeners", "http://127.0.0.1:8083, HTTPS://:8443"))));
        assertThat(findings.all()).isEmpty();
        exam.worker(URI.create("http://192.0.2.1:8083"), Optional.empty());
        exam.worker(URI.create("http://127.0.0.1:8083"), Optional.of(new WorkerFile(Map.of())));
        assertThat(advice(findings.all()))
                .satisfiesExactly(
                        sentence -> assertThat(sentence).startsWith("http://192.0.2.1:8083 is not encrypted"),
                        sentence -> assertThat(sentence).startsWith("http://:8083 is not encrypted"));
    }

    /** Whatever becomes of its brokers: they may be reached by nobody, or run elsewhere. */
    @Test
    void a_status_that_others_can_read_is_wrong_wherever_the_brokers_are() throws Exception {
        Map<String, String> open = Map.of("status.listener", "http://0.0.0.0:9404");
        Map<String, String> remote = Map.of(
                "broker.mode",
                "remote",
                "status.listener",
                "https://0.0.0.0:9404",
                "status.ssl.keystore.location",
                "k");
        assertThat(wrong(look(true, open)))
                .containsExactly(
                        "status.listener is http://0.0.0.0:9404, which other machines reach, and it is not encrypted.");
        assertThat(wrong(look(false, remote)))
                .containsExactly(
                        "status.listener is https://0.0.0.0:9404, which other machines reach, and nobody needs a token.");
        assertThat(wrong(look(true, Map.of("status.listener", "http://127.0.0.1:9404"))))
                .isEmpty();
    }

    private static List<String> wrong(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.level() == Level.WRONG)
                .map(Finding::finding)
                .toList();
    }
}
