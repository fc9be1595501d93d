package io.sluice.broker;

import io.moquette.broker.config.IResourceLoader;
import io.moquette.broker.security.ACLFileParser;
import io.moquette.broker.security.AcceptAllAuthenticator;
import io.moquette.broker.security.IAuthenticator;
import io.moquette.broker.security.IAuthorizatorPolicy;
import io.moquette.broker.security.PermitAllAuthorizatorPolicy;
import io.moquette.broker.security.ResourceAuthenticator;
import io.moquette.broker.subscriptions.Topic;
import io.sluice.broker.door.Entrance;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who is let in, and who may read and write what.
 *
 * <p>The files are Moquette's, but are checked before Moquette sees them: Moquette takes a broken password file for an
 * empty one, and reports neither.
 *
 * @param authenticator checks user names and passwords
 * @param authorizator decides about topics; the front door and Moquette ask the same instance
 */
record Access(IAuthenticator authenticator, IAuthorizatorPolicy authorizator) {

    private static final Pattern ENDS_WITH_WILDCARD = Pattern.compile("[\\w\\s/+]+#");
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final Pattern PASSWORD_LINE = Pattern.compile("[^:#]+:[0-9a-fA-F]{64}");

    /**
     * Reads the files that a configuration names.
     *
     * @throws BrokerException if one cannot be read or understood
     */
    static Access of(Optional<Path> passwordFile, Optional<Path> aclFile) {
        return new Access(
                passwordFile.map(Access::authenticator).orElseGet(AcceptAllAuthenticator::new),
                aclFile.map(Access::authorizator).orElseGet(PermitAllAuthorizatorPolicy::new));
    }

    /** The rules as the front door asks for them. */
    Entrance entrance(boolean allowAnonymous) {
        return new Entrance(authenticator, authorizator, allowAnonymous);
    }

    private static IAuthenticator authenticator(Path file) {
        List<String> lines;
        try {
            String text = Files.readString(file, StandardCharsets.UTF_8);
            lines = text.substring(text.startsWith(BYTE_ORDER_MARK) ? 1 : 0)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new BrokerException("The password file " + file + " cannot be read: " + e, e);
        }
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            boolean isEntry = !line.isBlank() && !line.startsWith("#");
            if (isEntry && !PASSWORD_LINE.matcher(line.strip()).matches()) {
                throw new BrokerException("Line " + (i + 1) + " of the password file " + file
                        + " is not of the form name:hash, where hash is the SHA-256 of the password in 64"
                        + " hexadecimal digits");
            }
        }
        String read = lines.stream().map(Access::inLowerCase).collect(Collectors.joining("\n"));
        return new ResourceAuthenticator(new Lines(read), file.toString());
    }

    /** Moquette compares hashes as they are written, and writes its own in lower case. */
    private static String inLowerCase(String line) {
        int colon = line.indexOf(':');
        return colon < 0
                ? line
                : line.substring(0, colon) + line.substring(colon).toLowerCase(Locale.ROOT);
    }

    /** The lines of a file that has been read. */
    private record Lines(String text) implements IResourceLoader {

        @Override
        public Reader loadDefaultResource() {
            return new StringReader(text);
        }

        @Override
        public Reader loadResource(String name) {
            return new StringReader(text);
        }

        @Override
        public String getName() {
            return "password file";
        }
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
