package io.sluice.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What holds over all modules: classes that know each other cannot be read, changed or tested apart. */
class HouseTest {

    private static final List<String> MODULES = List.of(
            "../broker-plugin",
            "../connect-source",
            "../examples",
            "../examples/testkit",
            "../examples/benchmarks",
            "tools");

    /** Pairs that know each other for a reason. */
    private static final Set<String> KNOWN = Set.of(
            // A connection is one state machine in parts, all on one event loop.
            "broker.door.Connection - broker.door.PacketProcessor",
            "broker.door.ClientConnections - broker.door.Connection",
            // What the broker remembers is one state, changed under one lock.
            "broker.session.PublishFormat - broker.session.StoredPublish",
            "broker.session.Publishes - broker.session.Ticket",
            "broker.session.RetainedMessages - broker.session.StoreState",
            "broker.session.Session - broker.session.StoreState",
            "broker.session.SessionQueue - broker.session.StoreState",
            // A record finds its way back to what made it.
            "connect.delivery.Drain - connect.delivery.MqttSourceRecord",
            "connect.delivery.Drain - connect.delivery.RecordMaker",
            "connect.delivery.Drain - connect.delivery.RefusedLater");

    @Test
    void no_two_classes_know_each_other_but_those_that_have_a_reason() {
        Set<String> circles = new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .withImportOption(location -> !location.contains("/wire/") && !location.contains("/examples/"))
                        .importPackages("io.sluice")
                        .stream()
                        .flatMap(HouseTest::pairs)
                        .collect(Collectors.toSet());

        assertThat(circles).containsExactlyInAnyOrderElementsOf(KNOWN);
    }

    @Test
    void no_two_classes_have_one_name() throws IOException {
        assertThat(classes().map(file -> file.getFileName().toString()))
                .hasSizeGreaterThan(400)
                .doesNotHaveDuplicates();
    }

    @Test
    void no_package_is_large_but_those_whose_package_info_says_why() throws IOException {
        Map<Path, Long> sizes = classes().collect(Collectors.groupingBy(Path::getParent, Collectors.counting()));

        assertThat(sizes.entrySet())
                .hasSizeGreaterThan(30)
                .filteredOn(size -> size.getValue() > 30)
                .extracting(size -> size.getKey().getFileName().toString())
                .containsExactlyInAnyOrder("session", "cli");
    }

    /** The files of the main code, but those that describe packages. */
    private static Stream<Path> classes() throws IOException {
        List<Path> classes = new ArrayList<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(Path.of(module, "src/main/java"))) {
                files.filter(file -> file.toString().endsWith(".java") && !file.endsWith("package-info.java"))
                        .forEach(classes::add);
            }
        }
        return classes.stream();
    }

    private static Stream<String> pairs(JavaClass type) {
        String own = topLevel(type);
        return type.getDirectDependenciesFromSelf().stream()
                .map(dependency -> dependency.getTargetClass())
                .filter(target -> topLevel(target).startsWith("io.sluice."))
                .filter(target -> own.compareTo(topLevel(target)) < 0)
                .filter(target -> knows(target, own))
                .map(target -> shortName(own) + " - " + shortName(topLevel(target)));
    }

    private static String shortName(String type) {
        return type.substring("io.sluice.".length());
    }

    /** Whether the file of a class depends on another file. */
    private static boolean knows(JavaClass type, String other) {
        String own = topLevel(type);
        return Stream.concat(Stream.of(type), type.getPackage().getClasses().stream())
                .filter(inFile -> topLevel(inFile).equals(own))
                .flatMap(inFile -> inFile.getDirectDependenciesFromSelf().stream())
                .anyMatch(dependency -> topLevel(dependency.getTargetClass()).equals(other));
    }

    private static String topLevel(JavaClass type) {
        String name = type.getBaseComponentType().getName();
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }
}
