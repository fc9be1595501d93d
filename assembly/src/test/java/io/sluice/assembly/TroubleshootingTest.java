package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the product says, and what troubleshooting.md says of it: each has the sentences of the other. */
class TroubleshootingTest {

    private static final Path DOCUMENT = Documents.SHIPPED.resolve("troubleshooting.md");
    private static final String ANYTHING = "…";
    private static final int SHORTEST_SENTENCE = 20;
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    private static final Pattern LOGGED = Pattern.compile("LOG\\.(?:warn|error)\\(\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

    @Test
    void every_sentence_that_it_explains_is_one_that_the_product_says() throws IOException {
        String sources = sources();

        assertThat(sentences())
                .hasSizeGreaterThan(200)
                .filteredOn(sentence -> !sources.contains(longestPart(sentence)))
                .isEmpty();
    }

    @Test
    void it_explains_every_warning_and_error_that_the_product_logs() throws IOException {
        List<String> explained =
                sentences().stream().map(TroubleshootingTest::longestPart).toList();
        List<String> unexplained = new ArrayList<>();
        Matcher logged = LOGGED.matcher(sources());
        while (logged.find()) {
            String sentence = logged.group(1).replace("\\\"", "\"").replace("{}", ANYTHING);
            if (longestPart(sentence).length() > SHORTEST_SENTENCE / 2
                    && explained.stream().noneMatch(sentence::contains)) {
                unexplained.add(sentence);
            }
        }

        assertThat(unexplained).isEmpty();
    }

    /** What stands in the first column of the document's tables, where it is long enough to be a sentence. */
    private static List<String> sentences() throws IOException {
        List<String> sentences = new ArrayList<>();
        for (String line : Files.readAllLines(DOCUMENT, UTF_8)) {
            Matcher quoted = QUOTED.matcher(line.startsWith("| ") ? line.split(" \\| ", 2)[0] : "");
            while (quoted.find()) {
                sentences.add(quoted.group(1));
            }
        }
        return sentences.stream()
                .filter(sentence -> sentence.contains(" ") && sentence.length() >= SHORTEST_SENTENCE)
                .toList();
    }

    private static String longestPart(String sentence) {
        return Stream.of(sentence.split(ANYTHING))
                .map(String::strip)
                .reduce("", (one, other) -> one.length() >= other.length() ? one : other);
    }

    /** The main code of both modules, its texts in one piece. */
    private static String sources() throws IOException {
        StringBuilder all = new StringBuilder();
        for (String module : List.of("broker-plugin", "connect-source")) {
            try (Stream<Path> files = Files.walk(Documents.ROOT.resolve(module + "/src/main/java"))) {
                all.append(files.filter(file -> file.toString().endsWith(".java"))
                        .sorted()
                        .map(TroubleshootingTest::read)
                        .collect(Collectors.joining()));
            }
        }
        return all.toString()
                .replaceAll("\"\\s*\\+\\s*\"", "")
                .replace("{}", ANYTHING)
                .replaceAll("\"\\s*\\+\\s*[^\";]{1,80}?\\s*\\+\\s*\"", ANYTHING);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
