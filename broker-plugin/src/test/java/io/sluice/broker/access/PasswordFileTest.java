package io.sluice.broker.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import at.favre.lib.crypto.bcrypt.BCrypt;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordFileTest {

    private static final String SHA_256 = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

    @TempDir
    private Path dir;

    private PasswordFile read(String text) throws Exception {
        return read(Files.writeString(dir.resolve("passwords"), text));
    }

    private static PasswordFile read(Path file) {
        return PasswordFile.parse(file, TextFile.lines("password file", file));
    }

    private static boolean lets(PasswordFile file, String user, String password) {
        return file.matches(user, password.getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sha512-pbkdf2", "sha512"})
    void files_that_mosquitto_passwd_has_made_are_read(String algorithm) throws Exception {
        Assumptions.assumeTrue(
                Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "mosquitto_passwd"))),
                "mosquitto_passwd is not installed: apt-get install mosquitto");
        Path file = Files.createFile(dir.resolve("made"));
        for (String user : List.of("ann", "bob")) {
            Process tool = new ProcessBuilder(
                            "mosquitto_passwd", "-H", algorithm, "-b", file.toString(), user, "pä55 of " + user)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(tool.getInputStream().readAllBytes(), UTF_8);
            assertThat(tool.waitFor()).as(output).isZero();
        }

        PasswordFile users = read(file);

        assertThat(users.size()).isEqualTo(2);
        assertThat(Files.readString(file)).contains(algorithm.equals("sha512") ? "$6$" : "$7$");
        assertThat(lets(users, "ann", "pä55 of ann")).isTrue();
        assertThat(lets(users, "bob", "pä55 of bob")).isTrue();
        assertThat(lets(users, "ann", "pä55 of bob")).isFalse();
        assertThat(lets(users, "ann", "")).isFalse();
        assertThat(users.matches("ann", new byte[] {(byte) 0xFF})).isFalse();
        assertThat(lets(users, "carl", "pä55 of ann")).isFalse();
    }

    /** The first were made by libxcrypt, the others by our library. */
    @Test
    void hashes_of_bcrypt_are_read() throws Exception {
        PasswordFile foreign = read("""
                ann:$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq
                bob:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a
                carl:$2a$05$abcdefghijklmnopqrstuujf8SX2ahXLwp9w/B.Y5XdysS6yR576q
                """);
        assertThat(lets(foreign, "ann", "rasmuslerdorf")).isTrue();
        assertThat(lets(foreign, "ann", "rasmus")).isFalse();
        assertThat(lets(foreign, "bob", "secret")).isTrue();
        assertThat(lets(foreign, "carl", "x".repeat(80)))
                .as("longer than bcrypt looks")
                .isTrue();
        for (BCrypt.Version version :
                List.of(BCrypt.Version.VERSION_2A, BCrypt.Version.VERSION_2B, BCrypt.Version.VERSION_2Y)) {
            String hash = BCrypt.with(version).hashToString(4, "secret".toCharArray());
            PasswordFile users = read("ann:" + hash + "\n");
            assertThat(lets(users, "ann", "secret")).as(hash).isTrue();
            assertThat(lets(users, "ann", "secret" + "x".repeat(100))).as(hash).isFalse();
        }
    }

    @Test
    void a_file_may_come_from_any_editor() throws Exception {
        PasswordFile users = read(
                "\uFEFFann:" + SHA_256 + "\r\n\r\n# bob is gone\r\nbob:" + SHA_256.toUpperCase(Locale.ROOT) + " \r\n");

        assertThat(lets(users, "ann", "secret")).isTrue();
        assertThat(lets(users, "bob", "secret")).isTrue();
        assertThat(users.size()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    nocolon | is not of the form name:hash, where hash is a hash of mosquitto_passwd ($7$… or $6$…)
                    :x | is not of the form name:hash
                    bob: | is not of the form name:hash
                    bob:secret | is not of the form name:hash
                    bob:2bb80d53 | is not of the form name:hash
                    bob:$7$0$c2FsdA==$c2FsdA== | has a hash of 0 iterations; they must be from 1 to 5000000
                    bob:$7$999999999$c2FsdA==$c2FsdA== | has a hash of 999999999 iterations
                    bob:$7$101$c2FsdA==$c2FsdA== | has a hash of 4 bytes, where mosquitto_passwd writes 64
                    bob:$7$101$c2F=s$c2FsdA== | has a hash or a salt that is not in Base64
                    bob:$6$c2FsdA==$c2FsdA== | has a hash of 4 bytes, where mosquitto_passwd writes 64
                    bob:$6$rounds=5000$c2FsdA==$c2FsdA== | is not of the form name:hash
                    bob:$argon2id$v=19$m=47104,t=1$c2FsdA$c2FsdA | is not of the form name:hash
                    bob:$2y$31$dqo8Brf4cYSYnK6MUsNGw.a9A2SQQY5oPZB.M5aIqmSHhWzkBNQ9m | has a bcrypt hash of cost 31; it must be from 4 to 16
                    ann:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b | names a user that line 1 names too; keep one of them
                    """)
    void a_line_that_is_none_is_refused_by_its_number_and_its_hash_is_not_shown(String line, String sentence)
            throws Exception {
        assertThatThrownBy(() -> read("ann:" + SHA_256 + "\n" + line + "\n"))
                .isInstanceOf(AccessException.class)
                .hasMessageStartingWith("Line 2 of the password file " + dir.resolve("passwords") + " " + sentence)
                .hasMessageNotContaining("c2FsdA")
                .hasMessageNotContaining("2bb80d");
    }

    @Test
    void a_file_in_another_encoding_is_refused() throws Exception {
        Path file = Files.write(dir.resolve("passwords"), "ann:ä".getBytes(ISO_8859_1));
        assertThatThrownBy(() -> read(file))
                .hasMessage("The password file " + file + " is not in UTF-8; save it in UTF-8");
    }

    @Test
    void an_unknown_user_costs_as_much_as_a_known_one() throws Exception {
        String slow = BCrypt.withDefaults().hashToString(11, "secret".toCharArray());
        PasswordFile users = read("ann:" + slow + "\n");
        cpuNanos(users, "ann");

        long known = cpuNanos(users, "ann");
        long unknown = cpuNanos(users, "nobody");

        assertThat(unknown).isGreaterThan(known / 4);
    }

    private static long cpuNanos(PasswordFile users, String user) {
        long begun = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        assertThat(lets(users, user, "guessed")).isFalse();
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begun;
    }
}
