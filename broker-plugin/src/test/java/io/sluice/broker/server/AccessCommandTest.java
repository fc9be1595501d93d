package io.sluice.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class AccessCommandTest {

    @TempDir
    private Path dir;

    private final StringWriter out = new StringWriter();

    private int run(String acl, String... arguments) throws Exception {
        Path file = Files.writeString(dir.resolve("acl"), acl);
        String[] all = new String[arguments.length + 2];
        all[0] = "--acl";
        all[1] = file.toString();
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return new CommandLine(new AccessCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute(all);
    }

    @Test
    void it_names_the_line_that_decides() throws Exception {
        String acl = "pattern write devices/%c/#\nuser ann\ntopic read plants/#\ntopic deny plants/secret\n";

        assertThat(run(acl, "--client", "7", "publish", "devices/7/t")).isZero();
        assertThat(run(acl, "--user", "ann", "--client", "7", "subscribe", "plants/secret"))
                .isEqualTo(1);
        assertThat(run(acl, "--user", "bob", "subscribe", "plants/1")).isEqualTo(1);

        assertThat(out.toString().lines())
                .containsExactly(
                        "Yes, by line 1 of " + dir.resolve("acl") + ": pattern write devices/%c/#",
                        "No, by line 4 of " + dir.resolve("acl") + ": topic deny plants/secret",
                        "No: no line of " + dir.resolve("acl") + " allows it");
    }

    @Test
    void what_it_does_not_understand_it_says_in_a_sentence() throws Exception {
        assertThat(run("topik a\n", "publish", "a")).isEqualTo(2);
        assertThat(run("topic a\n", "publish", "a/+")).isEqualTo(2);

        assertThat(out.toString())
                .contains("Line 1 of the ACL file " + dir.resolve("acl") + " begins with 'topik'")
                .contains("'a/+' has a wildcard; nobody can publish to more than one topic");
    }
}
