package io.sluice.tools;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.sluice.tools");

    /** What looks at a folder that no broker uses. */
    private static final DescribedPredicate<HasName> INSPECTION = nameMatching(
            "io\\.sluice\\.(buffer\\.Inspection|buffer\\.recovery\\.LogInspection|buffer\\.record\\.BufferException|broker\\.session\\.StoreInspection)(\\$.*)?");

    @Test
    void the_tools_know_neither_the_broker_nor_the_buffer_but_what_looks_at_a_folder_without_a_broker() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.sluice.broker..", "io.sluice.buffer..", "io.moquette..")
                        .and(not(INSPECTION)))
                .because("they speak to what runs: to workers, brokers and Kafka, over their interfaces")
                .check(CLASSES);
    }

    @Test
    void what_is_behind_the_commands_knows_nothing_of_the_command_line() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.tools")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.sluice.tools.cli..", "picocli..")
                .because("other programs use it too")
                .check(CLASSES);
    }
}
