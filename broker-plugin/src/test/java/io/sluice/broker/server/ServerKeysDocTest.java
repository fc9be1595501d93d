package io.sluice.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.config.Key;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ServerKeysDocTest {

    private static final Path DOCUMENT = Path.of("../assembly/docs/broker-configuration.md");

    private static final String INTRODUCTION = """
            # Configuration of the standalone broker

            The keys of `config/sluice-broker.conf`. A line is a key, a space and a value; a line that begins with `#` is a
            comment. Relative paths are relative to the folder of the file. The file may also use Moquette's own keys, where
            they are named below.

            """;

    private static final String OTHERS = """
            ## Moquette's keys

            `host` with `port`, `ssl_port`, `websocket_port` and `secure_websocket_port` stand for
            `sluice.broker.listeners`; `persistent_client_expiration` is `sluice.broker.session.expiry.ms` as a number and
            one of the units `s`, `m`, `h`, `d`; `need_client_auth true` is `sluice.broker.ssl.client.auth required`, and
            without a trust store the key store says who may have issued certificates. With `jks_path` and without
            `key_store_type`, the key store is JKS, not PKCS12.
            """;

    @Test
    void the_documentation_says_what_the_table_says() throws IOException {
        if (Boolean.getBoolean("sluice.doc.write")) {
            Files.writeString(DOCUMENT, markdown());
        }

        assertThat(DOCUMENT)
                .as("make it anew with: ./mvnw -pl broker-plugin test -Dtest=ServerKeysDocTest -Dsluice.doc.write=true")
                .exists()
                .hasContent(markdown());
    }

    @Test
    void every_key_of_the_table_is_in_the_file_that_is_shipped_below_what_the_table_says() throws IOException {
        String shipped = Files.readString(SHIPPED);
        if (Boolean.getBoolean("sluice.doc.write")) {
            Files.writeString(SHIPPED, commented(shipped));
        }

        assertThat(SHIPPED).hasContent(commented(shipped));
        assertThat(ServerKeys.all())
                .allSatisfy(key -> assertThat(shipped).containsPattern("(?m)^#?(" + names(key) + ") "));
    }

    private static final Path SHIPPED = Path.of("../assembly/src/broker/config/sluice-broker.conf");

    private static final Map<String, String> STAND_FOR = Map.of(
            "broker.session.expiry.ms", "|persistent_client_expiration",
            "broker.ssl.client.auth", "|need_client_auth");

    private static final int COLUMNS = 120;

    /** The names that a key has in the file, as a regular expression. */
    private static String names(Key<?> key) {
        return ServerKeys.PREFIX
                + key.name()
                + MoquetteKeys.nameOf(key).map(name -> "|" + name).orElse("")
                + STAND_FOR.getOrDefault(key.name(), "");
    }

    /** The file with the table's text above each key of the table; other lines stay as they are. */
    private static String commented(String file) {
        return Pattern.compile("\n\n")
                .splitAsStream(file)
                .map(ServerKeysDocTest::commentedBlock)
                .collect(Collectors.joining("\n\n"));
    }

    private static String commentedBlock(String block) {
        List<String> lines =
                block.lines().filter(line -> !line.startsWith("# ")).toList();
        boolean isOfTheTable =
                !lines.isEmpty() && lines.stream().allMatch(line -> keyOf(line).isPresent());
        return isOfTheTable
                ? lines.stream()
                                .map(line -> comment(keyOf(line).orElseThrow()) + line)
                                .collect(Collectors.joining("\n\n"))
                        + (block.endsWith("\n") ? "\n" : "")
                : block;
    }

    private static Optional<Key<?>> keyOf(String line) {
        return ServerKeys.all().stream()
                .filter(key -> !STAND_FOR.containsKey(key.name()))
                .filter(key -> line.matches("#?(" + names(key) + ") .*"))
                .findFirst();
    }

    private static String comment(Key<?> key) {
        StringBuilder comment = new StringBuilder("#");
        int column = 1;
        for (String word : Pattern.compile(" ")
                .splitAsStream(withPrefixes(key.documentation()))
                .toList()) {
            if (column + 1 + word.length() > COLUMNS) {
                comment.append("\n#");
                column = 1;
            }
            comment.append(' ').append(word);
            column += 1 + word.length();
        }
        return comment.append('\n').toString();
    }

    /** Names of keys as they are in the file, and without back quotes. */
    private static String withPrefixes(String documentation) {
        String named = documentation;
        for (Key<?> key : ServerKeys.all()) {
            named = Pattern.compile("`" + key.name() + "(=[^`]*)?`")
                    .matcher(named)
                    .replaceAll(name -> name.group().replace('=', ' ').replaceFirst("`", ServerKeys.PREFIX));
        }
        return named.replace("`", "");
    }

    private static String markdown() {
        Map<String, List<Key<?>>> byGroup = ServerKeys.all().stream()
                .collect(Collectors.groupingBy(Key::group, LinkedHashMap::new, Collectors.toList()));
        return byGroup.entrySet().stream()
                        .map(group -> "## " + group.getKey() + "\n\n"
                                + group.getValue().stream()
                                        .map(ServerKeysDocTest::entry)
                                        .collect(Collectors.joining()))
                        .collect(Collectors.joining("", INTRODUCTION, ""))
                + OTHERS;
    }

    private static String entry(Key<?> key) {
        return "### `" + ServerKeys.PREFIX + key.name() + "`\n\n" + key.documentation() + "\n\n"
                + MoquetteKeys.nameOf(key)
                        .map(name -> "- In Moquette's words: `" + name + "`\n")
                        .orElse("")
                + "- Default: "
                + key.defaultText().map(text -> "`" + text + "`").orElse("none") + "\n"
                + "- Valid values: " + key.type().values() + "\n"
                + "- Importance: " + key.importance().name().toLowerCase(Locale.ROOT) + "\n\n";
    }
}
