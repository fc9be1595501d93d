package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.kafka.KafkaPreset;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the settings with which a connector logs in to a Kafka. */
@Command(
        name = "preset",
        description = "Prints the settings with which a connector sends its records to a Kafka other than the worker's"
                + " that requires a login. Add them to the connector's configuration. Secrets stay in a file on the"
                + " worker, which needs the config provider `file`.",
        footer = {
            "  sluice connector preset scram --kafka kafka-1:9096,kafka-2:9096",
            "  sluice connector preset mtls --kafka kafka-1:9094 --kafka-ca /etc/sluice/kafka-ca.pem"
        })
final class Preset implements Runnable {

    @Mixin
    private final Common common = new Common();

    @Mixin
    private final PresetOptions options = new PresetOptions();

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT,…",
            required = true,
            description = "Some of the brokers of that Kafka.")
    private String servers = "";

    @Parameters(paramLabel = "PRESET", description = "${COMPLETION-CANDIDATES}")
    private KafkaPreset preset = KafkaPreset.SCRAM;

    @Override
    public void run() {
        Map<String, String> settings = preset.settings(servers, options.places());
        ObjectNode data = Common.JSON.valueToTree(settings);
        common.print(data, () -> data.toPrettyString() + "\n", () -> List.copyOf(settings.keySet()));
    }
}
