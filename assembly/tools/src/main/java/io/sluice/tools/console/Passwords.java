package io.sluice.tools.console;

import io.sluice.tools.ToolException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * Who may use the console, in a file with a line {@code USER:pbkdf2-sha256:ITERATIONS:SALT:HASH} for each. It is read at
 * each login, so that who is taken out of it cannot log in any more. Thread-safe.
 */
public final class Passwords {

    private static final Pattern USER = Pattern.compile("(?![\\s#])[^:\\r\\n]+(?<!\\s)");
    private static final Pattern LINE =
            Pattern.compile("([^:]+):pbkdf2-sha256:([1-9][0-9]{3,8}):([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)");
    private static final int ITERATIONS = 310_000;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BITS = 256;

    /** For a user whom nobody knows, who is to take as long as one who is known. */
    private static final Entry NOBODY = new Entry(ITERATIONS, "AAAAAAAAAAAAAAAAAAAAAA==", "");

    private final Path file;

    private record Entry(int iterations, String salt, String hash) {}

    /** @throws ToolException if it cannot be read, has a line that is not understood, or no user */
    public Passwords(Path file) {
        this.file = file;
        if (read().isEmpty()) {
            throw ToolException.usage(
                    "The password file " + file + " has no user; `sluice console --hash USER` makes a line.");
        }
    }

    /**
     * A line of the file for a user.
     *
     * @throws ToolException if the file can have no line for that name
     */
    public static String line(String user, String password) {
        if (!USER.matcher(user).matches()) {
            throw ToolException.usage("'" + user + "' is no user; a name has no colon, line break or space at its ends,"
                    + " and does not begin with #.");
        }
        return line(user, password, ITERATIONS);
    }

    /** The same with another number of rounds of the hash. */
    static String line(String user, String password, int iterations) {
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        String encoded = Base64.getEncoder().encodeToString(salt);
        return user + ":pbkdf2-sha256:" + iterations + ":" + encoded + ":" + hash(password, iterations, encoded);
    }

    /** Whether that is the user's password; takes about a fifth of a second. */
    boolean fit(String user, String password) {
        Entry entry = read().getOrDefault(user, NOBODY);
        return MessageDigest.isEqual(
                hash(password, entry.iterations(), entry.salt()).getBytes(StandardCharsets.US_ASCII),
                entry.hash().getBytes(StandardCharsets.US_ASCII));
    }

    private Map<String, Entry> read() {
        Map<String, Entry> users = new HashMap<>();
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                Matcher parts = LINE.matcher(line.strip());
                if (!parts.matches()) {
                    throw ToolException.usage(
                            "The password file " + file + " has a line that is not USER:pbkdf2-sha256:…;"
                                    + " `sluice console --hash USER` makes one.");
                }
                users.put(parts.group(1), new Entry(Integer.parseInt(parts.group(2)), parts.group(3), parts.group(4)));
            }
            return users;
        } catch (IOException e) {
            throw ToolException.usage("The password file " + file + " cannot be read: " + e, e);
        }
    }

    private static String hash(String password, int iterations, String salt) {
        try {
            PBEKeySpec spec =
                    new PBEKeySpec(password.toCharArray(), Base64.getDecoder().decode(salt), iterations, HASH_BITS);
            return Base64.getEncoder()
                    .encodeToString(SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                            .generateSecret(spec)
                            .getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has PBKDF2WithHmacSHA256", e);
        }
    }
}
