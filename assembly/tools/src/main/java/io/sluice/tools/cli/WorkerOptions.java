package io.sluice.tools.cli;

import io.sluice.tools.ConnectClient;
import io.sluice.tools.Setting;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of commands that speak to a Connect worker. */
final class WorkerOptions extends Common {

    @Option(
            names = "--worker",
            paramLabel = "URL",
            description = "The Connect worker's address; by default $$SLUICE_WORKER, else the context's, else"
                    + " http://localhost:8083.")
    private @Nullable String worker;

    @Option(
            names = "--worker-login",
            paramLabel = "REFERENCE",
            description = "Where the worker's user:password is: env:NAME or file:PATH; by default"
                    + " $$SLUICE_WORKER_LOGIN, else the context's.")
    private @Nullable String login;

    @Option(
            names = "--worker-ca",
            paramLabel = "FILE",
            description = "Certificates (PEM) to trust for a worker at https, in place of those that Java trusts; by"
                    + " default $$SLUICE_WORKER_CA, else the context's.")
    private @Nullable String ca;

    String address() {
        return setting(Setting.WORKER, worker).orElseThrow();
    }

    ConnectClient connect() {
        return ConnectClient.at(
                address(),
                setting(Setting.WORKER_LOGIN, login).map(settings()::secret),
                setting(Setting.WORKER_CA, ca).map(Path::of),
                this::say);
    }
}
