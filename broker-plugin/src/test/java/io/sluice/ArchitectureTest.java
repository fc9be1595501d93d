package io.sluice;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.sluice.broker.door.publish.UnreleasedIds;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.door.transport.QueueLimits;
import io.sluice.broker.door.transport.WebSocketOrigin;
import io.sluice.buffer.recovery.LogInspection;
import org.junit.jupiter.api.Test;

/** The packages of the broker plugin, and which of them know which. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.sluice");

    @Test
    void messages_know_nothing_of_the_other_rooms() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.message")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.sluice.buffer..", "io.sluice.broker..", "io.sluice.remote..")
                .because("every package speaks in messages: what they need of a package belongs to that package")
                .check(CLASSES);
    }

    @Test
    void the_buffer_knows_neither_moquette_nor_netty_nor_kafka() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.buffer..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.moquette..",
                        "io.netty..",
                        "io.grpc..",
                        "org.apache.kafka..",
                        "io.sluice.broker..",
                        "io.sluice.remote..")
                .because("the log is tested without a broker and serves without one: hand it a Message instead")
                .check(CLASSES);
    }

    @Test
    void records_know_nothing_of_where_they_lie() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.buffer.record")
                .should()
                .dependOnClassesThat(resideInAPackage("io.sluice..")
                        .and(not(resideInAnyPackage("io.sluice.buffer.record", "io.sluice.message"))))
                .because("a worker on another machine reads them, and has neither files nor segments")
                .check(CLASSES);
    }

    @Test
    void the_log_and_its_recovery_know_nothing_of_those_for_whom_it_is_kept() {
        noClasses()
                .that()
                .resideInAnyPackage("io.sluice.buffer.log", "io.sluice.buffer.recovery")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.sluice.buffer.consumer")
                .because("consumers build on the log: hand it a position, a set of lanes, or bytes to keep for them")
                .check(CLASSES);
    }

    @Test
    void no_room_of_the_buffer_knows_the_buffer() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.buffer.*..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.sluice.buffer")
                .because("the buffer puts them together, and each of them can be read without it")
                .check(CLASSES);
    }

    @Test
    void the_log_knows_nothing_of_who_opens_it() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.buffer.log")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.sluice.buffer.recovery")
                .because("recovery builds on the log: it hands headers, sizes and what it found to the log")
                .check(CLASSES);
    }

    @Test
    void the_log_and_its_recovery_are_known_to_the_buffer_and_nowhere_else() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.sluice.buffer..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.sluice.buffer.log", "io.sluice.buffer.recovery")
                        .and(not(belongToAnyOf(LogInspection.class))))
                .because("others append to a SharedBuffer, attach to it, or look at a folder through Inspection")
                .check(CLASSES);
    }

    @Test
    void files_know_nothing_of_what_they_hold() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.file")
                .should()
                .dependOnClassesThat(resideInAPackage("io.sluice..").and(not(resideInAPackage("io.sluice.file"))))
                .because("every store is tested on the same failing disk: what it needs of its files is a Folder's")
                .check(CLASSES);
    }

    @Test
    void threads_know_nothing_of_what_they_do() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.thread")
                .should()
                .dependOnClassesThat(resideInAPackage("io.sluice..").and(not(resideInAPackage("io.sluice.thread"))))
                .because("the work of every room is repeated in the same way")
                .check(CLASSES);
    }

    @Test
    void what_the_broker_remembers_knows_neither_moquette_nor_netty_nor_the_broker() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.broker.session..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.moquette..", "io.netty..", "io.grpc..", "io.sluice..")
                        .and(not(resideInAnyPackage(
                                "io.sluice.broker.session..", "io.sluice.message..", "io.sluice.file.."))))
                .because("it is tested without a broker: hand it values of its own")
                .check(CLASSES);
    }

    @Test
    void the_status_knows_none_of_those_that_it_shows() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.status")
                .should()
                .dependOnClassesThat(resideInAPackage("io.sluice..")
                        .and(not(resideInAnyPackage("io.sluice.status", "io.sluice.thread", "io.sluice.tls"))))
                .because("whatever has something to show puts it on the StatusBoard, in values of the status's own")
                .check(CLASSES);
    }

    @Test
    void what_is_put_on_the_board_of_the_status_says_nothing_of_how_it_is_served() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.status")
                .and()
                .arePublic()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .because("the connector knows no Netty: it belongs behind the StatusListener")
                .check(CLASSES);
    }

    @Test
    void grpc_is_known_where_the_buffer_is_served_and_nowhere_else() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.sluice.remote..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.grpc..", "com.google.protobuf..", "io.sluice.remote.wire..")
                .because("a buffer is a Attachment, wherever it is")
                .check(CLASSES);
    }

    @Test
    void tokens_are_known_where_they_let_somebody_in_and_nowhere_else() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.sluice.broker.access.JwtLogin")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.nimbusds..")
                .because("a login ends in a LoginResult and an AccessGrant, whatever was shown")
                .check(CLASSES);
    }

    @Test
    void messages_and_buffer_need_no_logging_framework_of_their_own() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice..")
                .and()
                .doNotHaveFullyQualifiedName("io.sluice.remote.FrameLogRedirect")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.logging..", "org.apache.log4j..", "java.util.logging..")
                .because("Kafka Connect brings slf4j, and decides where it goes; gRPC's own warnings go elsewhere")
                .check(CLASSES);
    }

    @Test
    void no_part_of_the_broker_knows_the_broker() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.broker.*..")
                .and()
                .resideOutsideOfPackages("io.sluice.broker.server..", "io.sluice.broker.config..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.sluice.broker")
                .because("the broker puts its parts together, and each of them can be tested alone")
                .check(CLASSES);
    }

    @Test
    void the_rooms_of_the_front_door_know_each_other_one_way() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("door")
                .definedBy("io.sluice.broker.door")
                .layer("publish")
                .definedBy("io.sluice.broker.door.publish")
                .layer("client")
                .definedBy("io.sluice.broker.door.client")
                .layer("transport")
                .definedBy("io.sluice.broker.door.transport")
                .whereLayer("door")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("publish")
                .mayOnlyBeAccessedByLayers("door")
                .whereLayer("client")
                .mayOnlyBeAccessedByLayers("door", "publish")
                .whereLayer("transport")
                .mayOnlyBeAccessedByLayers("door", "publish", "client")
                .because(
                        "bytes become packets, packets come from clients, clients publish: each is tested without the next")
                .check(CLASSES);
    }

    @Test
    void the_rooms_of_the_front_door_are_known_there_and_nowhere_else() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.sluice.broker.door..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.sluice.broker.door.*..")
                        .and(not(belongToAnyOf(
                                Listener.class, WebSocketOrigin.class, QueueLimits.class, UnreleasedIds.class))))
                .because("a broker opens a FrontDoor: the rooms behind it show only what its configuration is made of,"
                        + " and the identifiers that outlive it")
                .check(CLASSES);
    }

    @Test
    void the_rooms_form_no_cycle() {
        slices().matching("io.sluice.(*)..")
                .should()
                .beFreeOfCycles()
                .because(
                        "messages walk forward through the packages; only acknowledgements come back, through listeners")
                .check(CLASSES);
    }
}
