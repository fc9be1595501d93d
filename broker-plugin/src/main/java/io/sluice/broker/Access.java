package io.sluice.broker;

import io.moquette.broker.security.ACLFileParser;
import io.moquette.broker.security.IAuthorizatorPolicy;
import io.moquette.broker.security.PermitAllAuthorizatorPolicy;
import io.moquette.broker.subscriptions.Topic;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Who may read and write what: Moquette's file, checked before Moquette sees it. */
final class Access {

    private static final Pattern ENDS_WITH_WILDCARD = Pattern.compile("[\\w\\s/+]+#");

    private Access() {}

    /**
     * Reads the file that a configuration names.
     *
     * @throws BrokerException if it cannot be read or understood
     */
    static IAuthorizatorPolicy rights(Optional<Path> aclFile) {
        return aclFile.map(Access::authorizator).orElseGet(PermitAllAuthorizatorPolicy::new);
    }

    private static IAuthorizatorPolicy authorizator(Path file) {
        try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
            String mended = lines.map(Access::keepWildcard).collect(Collectors.joining("\n"));
            return new GuardedAuthorizator(ACLFileParser.parse(new StringReader(mended)));
        } catch (IOException | UncheckedIOException e) {
            throw new BrokerException("The ACL file " + file + " cannot be read: " + e, e);
        } catch (ParseException e) {
            throw new BrokerException("The ACL file " + file + " cannot be understood: " + e.getMessage(), e);
        }
    }

    /** Moquette takes a '#' at the end of most lines for an empty comment, unless there is a comment behind it. */
    private static String keepWildcard(String line) {
        return ENDS_WITH_WILDCARD.matcher(line).matches() ? line + " #" : line;
    }

    /**
     * Moquette puts client identifiers and user names into the patterns of the ACL file as they are: a wildcard in one
     * would open other clients' topics, and a missing user name ends the session loop that asks.
     */
    private record GuardedAuthorizator(IAuthorizatorPolicy acl) implements IAuthorizatorPolicy {

        @Override
        public boolean canWrite(Topic topic, @Nullable String user, String client) {
            return isPlain(user) && isPlain(client) && acl.canWrite(topic, orEmpty(user), client);
        }

        @Override
        public boolean canRead(Topic topic, @Nullable String user, String client) {
            return isPlain(user) && isPlain(client) && acl.canRead(topic, orEmpty(user), client);
        }

        private static boolean isPlain(@Nullable String name) {
            return name == null || name.chars().noneMatch(c -> c == '+' || c == '#' || c == '/');
        }

        private static String orEmpty(@Nullable String user) {
            return user == null ? "" : user;
        }
    }
}
