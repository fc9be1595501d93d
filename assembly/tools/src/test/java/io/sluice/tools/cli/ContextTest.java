package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextTest {

    @TempDir
    Path home;

    private Tool tool;

    @BeforeEach
    void start() {
        tool = new Tool(home);
    }

    @Test
    void contexts_are_made_listed_used_and_deleted() {
        assertThat(tool.run("context", "set", "home", "--worker", "http://127.0.0.1:1", "--broker", "mqtt://h")
                        .exitCode())
                .isZero();
        tool.run("context", "set", "work", "--worker", "http://127.0.0.1:2", "--connector", "buffer.dir=/b");
        tool.run("context", "set", "home", "--kafka", "k:9092");

        assertThat(tool.run("context", "list").out()).isEqualToNormalizingNewlines("""
                        NAME  USE  WORKER              BROKER    KAFKA
                        home  *    http://127.0.0.1:1  mqtt://h  k:9092
                        work       http://127.0.0.1:2
                        """);
        assertThat(tool.run("context", "use", "work").exitCode()).isZero();
        assertThat(tool.run("context", "list", "-o", "json").out()).contains("\"buffer.dir\" : \"/b\"");
        assertThat(tool.run("context", "delete", "home").exitCode()).isZero();
        assertThat(tool.run("context", "list", "-o", "name").out()).isEqualTo("work\n");
    }

    @Test
    void only_its_owner_reads_the_file() throws Exception {
        tool.run("context", "set", "home", "--worker", "http://127.0.0.1:1");

        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(home.resolve(".config/sluice/contexts.json"))))
                .isEqualTo("rw-------");
    }

    @Test
    void no_secret_gets_into_it() {
        Tool.Ended login = tool.run("context", "set", "home", "--worker-login", "user:secret");
        assertThat(login.exitCode()).isEqualTo(2);
        assertThat(login.err())
                .contains("A login is given as env:NAME or file:PATH")
                .doesNotContain("user:secret");

        Tool.Ended setting = tool.run("context", "set", "home", "--connector", "buffer.auth.token=secret");
        assertThat(setting.exitCode()).isEqualTo(2);
        assertThat(setting.err()).contains("buffer.auth.token is a secret; give a reference such as ${file:");
        assertThat(home.resolve(".config")).doesNotExist();
    }

    @Test
    void an_address_with_a_login_is_refused_and_the_login_shown_nowhere() {
        for (String option : new String[] {"--worker", "--broker"}) {
            Tool.Ended kept = tool.run("context", "set", "home", option, "http://ann:hunter2@127.0.0.1:1");
            assertThat(kept.exitCode()).isEqualTo(2);
            assertThat(kept.err())
                    .contains(
                            "The address http://********@127.0.0.1:1 has a login in it",
                            option + "-login env:NAME or file:PATH")
                    .doesNotContain("hunter2");
        }
        assertThat(home.resolve(".config")).doesNotExist();

        assertThat(worker("--worker", "http://ann:hunter2@127.0.0.1:1"))
                .contains("has a login in it; give it with --worker-login")
                .doesNotContain("hunter2");
        assertThat(worker("--worker-login", "ann:hunter2"))
                .contains("worker login: ********", "Do not give the login itself")
                .doesNotContain("hunter2");
    }

    @Test
    void files_that_a_context_names_are_found_from_other_folders() {
        tool.run("context", "set", "home", "--worker-login", "file:login", "--kafka-config", "k.properties");

        String here = Path.of("").toAbsolutePath().toString();
        assertThat(tool.run("context", "list", "-o", "yaml").out())
                .contains("file:" + here + "/login", here + "/k.properties");
    }

    @Test
    void contexts_without_any_are_a_sentence() throws Exception {
        Path file = Files.writeString(home.resolve("contexts.json"), "{}");

        Tool.Ended ended = tool.with("SLUICE_CONTEXTS", file.toString()).run("context", "list");

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.err()).startsWith("The contexts in " + file + " cannot be read: it has no field contexts");
    }

    @Test
    void a_flag_comes_before_the_environment_before_the_context_before_the_default() {
        assertThat(worker()).contains("worker: http://localhost:8083 (from the default)");
        tool.run("context", "set", "home", "--worker", "http://127.0.0.1:1");
        assertThat(worker()).contains("worker: http://127.0.0.1:1 (from the context home)");
        tool.run("context", "set", "other", "--worker", "http://127.0.0.1:4");
        assertThat(worker("--context", "other")).contains("worker: http://127.0.0.1:4 (from the context other)");
        tool.with("SLUICE_CONTEXT", "other");
        assertThat(worker()).contains("worker: http://127.0.0.1:4 (from the context other)");
        tool.with("SLUICE_WORKER", "http://127.0.0.1:2");
        assertThat(worker()).contains("worker: http://127.0.0.1:2 (from SLUICE_WORKER)");
        assertThat(worker("--worker", "http://127.0.0.1:3"))
                .contains("worker: http://127.0.0.1:3 (from the command line)");
    }

    @Test
    void a_context_that_is_not_there_is_said_with_those_that_are() {
        tool.run("context", "set", "home", "--worker", "http://127.0.0.1:1");

        Tool.Ended ended = tool.run("connector", "list", "--context", "hme");

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.err()).isEqualToNormalizingNewlines("There is no context hme; there are home\n");
    }

    /** What is said of the worker's address; where it leads to, nobody listens. */
    private String worker(String... flags) {
        String[] arguments = new String[flags.length + 5];
        System.arraycopy(new String[] {"connector", "delete", "none", "--yes", "-v"}, 0, arguments, 0, 5);
        System.arraycopy(flags, 0, arguments, 5, flags.length);
        return tool.run(arguments).err();
    }

    @Test
    void a_login_in_an_address_among_the_settings_of_connectors_is_refused() {
        Tool.Ended ended = tool.run(
                "context",
                "set",
                "home",
                "--connector",
                "value.converter.schema.registry.url=https://ann:hunter2@registry.example.com");

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(2);
        assertThat(ended.err())
                .contains("value.converter.schema.registry.url has a login in its address")
                .doesNotContain("hunter2");
        assertThat(home.resolve(".config")).doesNotExist();
    }
}
