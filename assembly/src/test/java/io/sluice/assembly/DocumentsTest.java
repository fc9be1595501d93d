package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DocumentsTest {

    private static final Pattern CLASS_NAME = Pattern.compile("(?:[A-Z][a-z0-9]+){2,}");
    private static final Pattern REPOSITORY_PATH =
            Pattern.compile("(?:broker-plugin|connect-source|assembly|examples)/[\\w./-]+");

    @Test
    void every_link_and_picture_leads_to_a_file_and_a_heading_that_are_there() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path document : Documents.all()) {
            for (String link : Documents.links(document)) {
                URI uri = URI.create(link);
                if (!uri.isAbsolute() && !leadsSomewhere(document, uri)) {
                    broken.add(Documents.ROOT.relativize(document) + ": " + link);
                }
            }
        }

        assertThat(broken).isEmpty();
    }

    private static boolean leadsSomewhere(Path document, URI link) throws IOException {
        Path target = link.getPath().isEmpty()
                ? document
                : Documents.folderOf(document).resolve(link.getPath());
        return Files.exists(target)
                && (link.getFragment() == null || Documents.anchors(target).contains(link.getFragment()));
    }

    /** The archives have the folder without what is around it. */
    @Test
    void documents_that_ship_link_to_each_other_only() throws IOException {
        for (Path document : Documents.shipped()) {
            assertThat(Documents.links(document))
                    .as(document.toString())
                    .filteredOn(link -> !URI.create(link).isAbsolute())
                    .allSatisfy(link -> assertThat(
                                    document.resolveSibling(URI.create(link).getPath())
                                            .normalize())
                            .startsWith(Documents.SHIPPED));
        }
    }

    @Test
    void the_index_names_every_document_that_ships() throws IOException {
        List<String> linked = Documents.links(Documents.SHIPPED.resolve("README.md"));

        assertThat(Documents.shipped())
                .map(document -> document.getFileName().toString())
                .filteredOn(name -> !name.equals("README.md"))
                .allSatisfy(name -> assertThat(linked).contains(name));
    }

    @Test
    void every_class_that_the_documents_name_exists() throws IOException {
        Set<String> classes;
        try (Stream<Path> files = Files.walk(Documents.ROOT)) {
            classes = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .collect(Collectors.toSet());
        }
        for (String document : List.of(
                "assembly/docs/design.md",
                "assembly/docs/decisions.md",
                "assembly/docs/delivery.md",
                "CONTRIBUTING.md",
                "SECURITY.md")) {
            assertThat(Documents.quoted(Documents.ROOT.resolve(document)))
                    .as(document)
                    .filteredOn(code -> CLASS_NAME.matcher(code).matches() && !classes.contains(code))
                    .isEmpty();
        }
    }

    @Test
    void every_path_that_contributors_are_told_exists() throws IOException {
        List<String> paths = Documents.quoted(Documents.ROOT.resolve("CONTRIBUTING.md")).stream()
                .filter(code -> REPOSITORY_PATH.matcher(code).matches())
                .filter(code -> !code.contains("/target/"))
                .toList();

        assertThat(paths)
                .isNotEmpty()
                .allSatisfy(path -> assertThat(Documents.ROOT.resolve(path)).exists());
    }

    /** Numbers of lines matter to nobody; that a newcomer reads the whole does. */
    @Test
    void the_readme_is_short() throws IOException {
        assertThat(Files.readAllLines(Documents.ROOT.resolve("README.md"), UTF_8))
                .hasSizeLessThanOrEqualTo(120);
    }
}
