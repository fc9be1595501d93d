package io.sluice.tools.cli;

import io.sluice.tools.ExitCode;
import io.sluice.tools.Setting;
import io.sluice.tools.StatusClient;
import io.sluice.tools.ToolException;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of commands that ask status listeners. */
final class StatusOptions extends Common {

    @Option(
            names = "--status",
            paramLabel = "URL,…",
            description =
                    "Status listeners of workers and standalone brokers; by default $$SLUICE_STATUS, else the context's,"
                            + " else http://localhost:9404.")
    private @Nullable String status;

    @Option(
            names = "--status-token",
            paramLabel = "REFERENCE",
            description = "Where their token is: env:NAME or file:PATH; by default $$SLUICE_STATUS_TOKEN, else the"
                    + " context's.")
    private @Nullable String token;

    /** A client for each listener. */
    List<StatusClient> listeners() {
        String addresses = setting(Setting.STATUS, status).orElseThrow();
        Optional<String> shown = setting(Setting.STATUS_TOKEN, token).map(settings()::secret);
        return addresses(addresses).stream()
                .map(address -> new StatusClient(address, shown))
                .toList();
    }

    /** The addresses in a list with commas. */
    static List<URI> addresses(String list) {
        return Arrays.stream(list.split(",", -1))
                .map(address -> uri(address.strip()))
                .toList();
    }

    private static URI uri(String address) {
        WorkerOptions.withoutLogin(address, "--status-token");
        try {
            URI uri = URI.create(address);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw noUri(address);
        }
        throw noUri(address);
    }

    private static ToolException noUri(String address) {
        return new ToolException(
                ExitCode.USAGE,
                "'" + address + "' is no address of a status listener; write it like http://localhost:9404 or"
                        + " https://HOST:PORT.");
    }
}
