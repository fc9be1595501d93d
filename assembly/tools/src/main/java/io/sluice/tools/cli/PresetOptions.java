package io.sluice.tools.cli;

import io.sluice.tools.kafka.KafkaPreset.Places;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where on the worker is what a preset needs: no secret is an option. */
final class PresetOptions {

    @Option(
            names = "--secrets",
            paramLabel = "FILE",
            defaultValue = "/etc/sluice/kafka.properties",
            description = "The file on the worker that has the secrets of a preset: ${DEFAULT-VALUE}.")
    private Path secrets = Path.of("");

    @Option(
            names = "--kafka-ca",
            paramLabel = "FILE",
            description = "The file on the worker with the certificate, as PEM, that signs Kafka's; by default Java's"
                    + " own list of authorities.")
    private @Nullable Path authority;

    @Option(
            names = "--kafka-keystore",
            paramLabel = "FILE",
            defaultValue = "/etc/sluice/kafka.p12",
            description = "The key store (PKCS12) on the worker, for the preset mtls: ${DEFAULT-VALUE}.")
    private Path keyStore = Path.of("");

    Places places() {
        return new Places(secrets, Optional.ofNullable(authority), keyStore);
    }
}
