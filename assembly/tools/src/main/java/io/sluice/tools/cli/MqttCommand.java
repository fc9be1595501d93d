package io.sluice.tools.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The words in the order that {@code robust-ctl} has them. */
@Command(
        name = "mqtt",
        description = "Commands as robust-ctl has them: in its command lines, write sluice in place of robust-ctl.",
        addMethodSubcommands = false,
        footer = {
            "  sluice mqtt connector list",
            "  sluice mqtt publish --username device --password secret --topic sensors/1 --qos 1 --message 21.5"
        })
final class MqttCommand {

    @Command(
            name = "connector",
            description = "Creates, lists and deletes connectors, as robust-ctl does.",
            addMethodSubcommands = false,
            footer = "  sluice mqtt connector delete --connector-name kafka_connector_01")
    static final class ConnectorWords {

        @Command(
                description = "Lists the connectors with their states.",
                footer = "  sluice mqtt connector list --connector-name kafka_connector_01")
        void list(
                @Mixin WorkerOptions worker,
                @Option(
                                names = {"-n", "--connector-name"},
                                paramLabel = "NAME",
                                description = "Only this one.")
                        @Nullable
                        String only,
                @Mixin Create.Tenant tenant) {
            tenant.check();
            ConnectorCommand.show(worker, only);
        }

        @Command(
                description = "Stops and deletes a connector, without asking.",
                footer = "  sluice mqtt connector delete --connector-name kafka_connector_01")
        void delete(
                @Mixin WorkerOptions worker,
                @Option(
                                names = {"-n", "--connector-name"},
                                paramLabel = "NAME",
                                required = true,
                                description = "The connector's name.")
                        String name,
                @Mixin Create.Tenant tenant) {
            tenant.check();
            worker.connect().delete(name);
            worker.say("The connector " + name + " is deleted.");
        }
    }
}
