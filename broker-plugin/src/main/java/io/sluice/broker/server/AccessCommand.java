package io.sluice.broker.server;

import io.sluice.broker.access.AccessCheck;
import io.sluice.broker.access.AccessException;
import io.sluice.message.TopicFilter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The command that answers whether somebody may publish or subscribe to a topic, {@code sluice-broker access --acl FILE
 * --user USER --client ID publish|subscribe TOPIC}; also for the file of a broker that runs in a Connect worker.
 *
 * <p>Exit codes: 0, they may; 1, they may not; 2, the command or the file was not understood.
 */
@Command(
        name = "access",
        mixinStandardHelpOptions = true,
        description =
                "Says whether a client may publish to a topic, or subscribe to a filter, and by which line of the ACL"
                        + " file. 0: it may; 1: it may not.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class AccessCommand implements Callable<Integer> {

    enum Action {
        publish,
        subscribe
    }

    @Spec
    private CommandSpec spec;

    @Option(names = "--acl", paramLabel = "FILE", required = true, description = "the ACL file (broker.acl.file)")
    private Path acl;

    @Option(names = "--user", paramLabel = "USER", description = "the client's user name; none: it gives none")
    private Optional<String> user;

    @Option(names = "--client", paramLabel = "ID", defaultValue = "", description = "the client identifier")
    private String client;

    @Parameters(index = "0", paramLabel = "ACTION", description = "publish or subscribe")
    private Action action;

    @Parameters(index = "1", paramLabel = "TOPIC", description = "a topic, or the filter of a subscription")
    private String topic;

    @Override
    public Integer call() {
        checkTopic();
        try {
            AccessCheck answer = action == Action.publish
                    ? AccessCheck.publish(acl, user, client, topic)
                    : AccessCheck.subscribe(acl, user, client, topic);
            spec.commandLine().getOut().println(answer.sentence());
            return answer.isAllowed() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        } catch (AccessException e) {
            throw new ParameterException(spec.commandLine(), e.sentence(), e);
        }
    }

    private void checkTopic() {
        try {
            TopicFilter.of(topic);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "'" + topic + "' is no topic: " + e.getMessage(), e);
        }
        if (action == Action.publish && topic.matches(".*[+#].*")) {
            throw new ParameterException(
                    spec.commandLine(), "'" + topic + "' has a wildcard; nobody can publish to more than one topic");
        }
    }
}
