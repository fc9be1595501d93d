package io.sluice.broker.access;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which client identifiers a user may take: a regular expression with the user name in place of {@code {username}}.
 * Immutable and thread-safe.
 *
 * @param text as it is written
 */
public record ClientIdPattern(String text) {

    private static final String USERNAME = "{username}";

    /** @throws IllegalArgumentException with a clause that says what would be right */
    public ClientIdPattern {
        try {
            Pattern.compile(text.replace(USERNAME, "user"));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "it must be a regular expression such as {username}-.*: " + e.getDescription(), e);
        }
    }

    /** Whether a client may take an identifier; one without a user name has an empty one. */
    boolean allows(Optional<String> user, String clientId) {
        return Pattern.matches(text.replace(USERNAME, Pattern.quote(user.orElse(""))), clientId);
    }

    @Override
    public String toString() {
        return text;
    }
}
