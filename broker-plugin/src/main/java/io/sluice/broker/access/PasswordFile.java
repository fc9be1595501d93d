package io.sluice.broker.access;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The users of a password file: a line {@code name:hash} for each, in mosquitto's form or in Moquette's. Immutable and
 * thread-safe.
 */
final class PasswordFile {

    private static final Logger LOG = LoggerFactory.getLogger(PasswordFile.class);

    /** The entry of a user; its text is compared when the file has changed. */
    record Entry(int line, String text, PasswordHash hash) {}

    private final Map<String, Entry> users;
    private final List<Entry> entries;

    private PasswordFile(Map<String, Entry> users) {
        this.users = Map.copyOf(users);
        this.entries = List.copyOf(users.values());
    }

    /** @throws AccessException if a line is not valid */
    static PasswordFile parse(Path file, List<String> lines) {
        Map<String, Entry> users = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                Entry former = users.put(name(line, i + 1, file), entry(line, i + 1, file));
                if (former != null) {
                    throw wrong(i + 1, file, "names a user that line " + former.line + " names too; keep one of them");
                }
            }
        }
        List<Integer> unsalted = users.values().stream()
                .filter(entry -> entry.hash.isUnsalted())
                .map(Entry::line)
                .sorted()
                .toList();
        if (!unsalted.isEmpty()) {
            LOG.warn(
                    "The password file {} has {} passwords as SHA-256 without salt, the first in line {}: anybody who"
                            + " reads the file can guess short ones quickly. Hash them again with mosquitto_passwd or"
                            + " bcrypt.",
                    file,
                    unsalted.size(),
                    unsalted.get(0));
        }
        return new PasswordFile(users);
    }

    private static String name(String line, int number, Path file) {
        int colon = line.indexOf(':');
        if (colon < 1) {
            throw wrong(number, file, "is not of the form name:hash, where hash is " + PasswordHash.FORMATS);
        }
        return line.substring(0, colon);
    }

    private static Entry entry(String line, int number, Path file) {
        String text = line.substring(line.indexOf(':') + 1);
        try {
            return new Entry(number, text, PasswordHash.of(text));
        } catch (IllegalArgumentException e) {
            throw new AccessException(sentence(number, file, String.valueOf(e.getMessage())), e);
        }
    }

    private static AccessException wrong(int line, Path file, String what) {
        return new AccessException(sentence(line, file, what));
    }

    private static String sentence(int line, Path file, String what) {
        return "Line " + line + " of the password file " + file + " " + what;
    }

    Optional<Entry> find(String user) {
        return Optional.ofNullable(users.get(user));
    }

    /**
     * Whether a password is that of a user. An unknown user takes as long as one of the known ones, always the same
     * one, so that the time reveals nothing, however often it is tried.
     */
    boolean matches(String user, byte[] password) {
        Entry entry = users.get(user);
        if (entry != null) {
            return entry.hash.matches(password);
        }
        if (!entries.isEmpty()) {
            boolean ignored = entries.get(Math.floorMod(user.hashCode(), entries.size()))
                    .hash
                    .matches(password);
        }
        return false;
    }

    int size() {
        return entries.size();
    }
}
