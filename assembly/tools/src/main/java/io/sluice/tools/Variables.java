package io.sluice.tools;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Values for <code>%{NAME}</code> in a file. A <code>%{</code> that is meant as such is written <code>%%{</code>; <code>
 * ${…}</code> belongs to Connect and <code>{…}</code> to the connector's templates, and both stay as they are.
 *
 * @param values by name
 * @param environment the variables of the environment, which count after them; empty if a file is not to see it
 */
public record Variables(Map<String, String> values, Map<String, String> environment) {

    private static final Pattern LITERAL = Pattern.compile("%\\{[^{}]*}");
    private static final Pattern VARIABLE = Pattern.compile("%(%?)\\{([^{}]*)}");

    /**
     * A text with the values in their places.
     *
     * @param where names the text in a mistake, such as the file and the key
     * @throws ToolException if a name has no value
     */
    String replaceIn(String text, String where) {
        return VARIABLE.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(value(found.group(1), found.group(2), where)));
    }

    /** A text that is a file's, and of which nothing is to be replaced. */
    public static String escaped(String text) {
        return LITERAL.matcher(text).replaceAll("%$0");
    }

    private String value(String escape, String name, String where) {
        if (!escape.isEmpty()) {
            return "%{" + name + "}";
        }
        return Optional.ofNullable(values.get(name))
                .or(() -> Optional.ofNullable(environment.get(name)))
                .orElseThrow(
                        () -> ToolException.usage("%{" + name + "} in " + where + " has no value; give one with --var "
                                + name + "=VALUE, or set it in the environment and say --env"));
    }
}
