package io.sluice.connect;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.sluice.connect");

    @Test
    void the_connector_knows_neither_moquette_nor_netty_nor_grpc() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.moquette..", "io.netty..", "io.grpc..", "io.sluice.remote.wire..")
                .because("what stands behind a buffer is the business of io.sluice.broker; ask EmbeddedBroker for it")
                .check(CLASSES);
    }

    @Test
    void configuration_keys_are_named_in_the_configuration_only() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.sluice.connect.config")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.apache.kafka.common.config.AbstractConfig")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("io\\.sluice\\.connect\\.config\\..*Group")
                .because("SourceConfig hands out the types that the other packages work with")
                .check(CLASSES);
    }

    @Test
    void the_connector_knows_nothing_of_files_and_segments() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.sluice.buffer.log..", "io.sluice.buffer.recovery..")
                .because("a buffer is an Attachment, wherever it is: ask io.sluice.buffer.consumer for more")
                .check(CLASSES);
    }

    @Test
    void formats_and_routes_know_nothing_of_offsets() {
        noClasses()
                .that()
                .resideInAnyPackage("io.sluice.connect.format", "io.sluice.connect.route")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.sluice.connect.delivery", "io.sluice.connect.config", "io.sluice.buffer..")
                .because("what records tell of a message's place in a log is its MessageId, and nothing depends on it")
                .check(CLASSES);
    }
}
