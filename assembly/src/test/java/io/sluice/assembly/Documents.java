package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.commonmark.ext.heading.anchor.IdGenerator;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;

/** The project's documents: what they link to, their headings, and what they quote. */
final class Documents {

    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** The documents that ship, as the folder {@code doc} of the archives. */
    static final Path SHIPPED = ROOT.resolve("assembly/docs");

    /** The broker's archive has one document of its own among those that ship. */
    private static final Path OF_THE_BROKER = ROOT.resolve("assembly/src/broker/doc");

    private Documents() {}

    /** All documents of the project. */
    static List<Path> all() throws IOException {
        List<Path> documents = new ArrayList<>();
        for (String folder : List.of("", ".github", "assembly/docs", "assembly/src/broker/doc", "examples")) {
            if (Files.isDirectory(ROOT.resolve(folder))) {
                documents.addAll(in(ROOT.resolve(folder), folder.isEmpty() ? 1 : 3));
            }
        }
        return documents;
    }

    /** The documents of one folder that ship. */
    static List<Path> shipped() throws IOException {
        return in(SHIPPED, 1);
    }

    private static List<Path> in(Path folder, int depth) throws IOException {
        try (Stream<Path> files = Files.walk(folder, depth)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !folder.relativize(file).startsWith("target"))
                    .sorted()
                    .toList();
        }
    }

    /** The folder that a document's links start from. */
    static Path folderOf(Path document) {
        return document.startsWith(OF_THE_BROKER) ? SHIPPED : document.resolveSibling("");
    }

    /** Where a document's links and pictures lead. */
    static List<String> links(Path document) throws IOException {
        List<String> links = new ArrayList<>();
        parse(document).accept(new AbstractVisitor() {
            @Override
            public void visit(Link link) {
                links.add(link.getDestination());
                visitChildren(link);
            }

            @Override
            public void visit(Image image) {
                links.add(image.getDestination());
                visitChildren(image);
            }
        });
        return links;
    }

    /** The anchors of a document's headings, as GitHub makes them. */
    static Set<String> anchors(Path document) throws IOException {
        IdGenerator ids = IdGenerator.builder().build();
        Set<String> anchors = new HashSet<>();
        parse(document).accept(new AbstractVisitor() {
            @Override
            public void visit(Heading heading) {
                anchors.add(ids.generateId(text(heading)));
            }
        });
        return anchors;
    }

    /** What a document shows as code within its text, such as names and sentences. */
    static List<String> quoted(Path document) throws IOException {
        List<String> quoted = new ArrayList<>();
        parse(document).accept(new AbstractVisitor() {
            @Override
            public void visit(Code code) {
                quoted.add(code.getLiteral());
            }
        });
        return quoted;
    }

    private static Node parse(Path document) throws IOException {
        return Parser.builder().build().parse(Files.readString(document, UTF_8));
    }

    private static String text(Node node) {
        StringBuilder text = new StringBuilder();
        node.accept(new AbstractVisitor() {
            @Override
            public void visit(Text part) {
                text.append(part.getLiteral());
            }

            @Override
            public void visit(Code part) {
                text.append(part.getLiteral());
            }

            @Override
            public void visit(SoftLineBreak part) {
                text.append(' ');
            }
        });
        return text.toString();
    }
}
