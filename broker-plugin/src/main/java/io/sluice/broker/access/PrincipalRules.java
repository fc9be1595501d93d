package io.sluice.broker.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Rules that make a user name of a certificate's name, in the syntax of Kafka's {@code ssl.principal.mapping.rules}:
 * separated by commas, {@code RULE:pattern/replacement/}, followed by {@code L} or {@code U} for lower or upper case,
 * or {@code DEFAULT} for the name as it is. The first whose pattern matches the whole name decides. Immutable and
 * thread-safe.
 *
 * @param text as they are written
 * @param rules the same, read
 */
public record PrincipalRules(String text, List<Rule> rules) {

    private static final Pattern RULE =
            Pattern.compile("\\s*(?:(DEFAULT)|RULE:((?:\\\\.|[^\\\\/])*)/((?:\\\\.|[^\\\\/])*)/([LU]?))\\s*(?:,|$)");

    /** The name as it is. */
    public static final PrincipalRules DEFAULT = of("DEFAULT");

    /** One of them; no pattern: the name as it is. */
    record Rule(Optional<Pattern> pattern, String replacement, String letters) {

        Optional<String> apply(String name) {
            if (pattern.isEmpty()) {
                return Optional.of(name);
            }
            Matcher matcher = pattern.get().matcher(name);
            if (!matcher.matches()) {
                return Optional.empty();
            }
            String user = matcher.replaceFirst(replacement);
            return Optional.of(
                    switch (letters) {
                        case "L" -> user.toLowerCase(Locale.ROOT);
                        case "U" -> user.toUpperCase(Locale.ROOT);
                        default -> user;
                    });
        }
    }

    /**
     * Reads rules.
     *
     * @throws IllegalArgumentException with a clause that says what would be right
     */
    public static PrincipalRules of(String text) {
        List<Rule> rules = new ArrayList<>();
        Matcher matcher = RULE.matcher(text);
        while (!matcher.hitEnd() && matcher.regionStart() < text.length()) {
            if (!matcher.lookingAt()) {
                throw new IllegalArgumentException(
                        "it must be rules such as RULE:^CN=(.*?),.*$/$1/L or DEFAULT, with commas" + " between them");
            }
            rules.add(rule(matcher));
            matcher.region(matcher.end(), text.length());
        }
        if (rules.isEmpty()) {
            throw new IllegalArgumentException("it is empty; leave the key out, or write a rule");
        }
        return new PrincipalRules(text, List.copyOf(rules));
    }

    private static Rule rule(Matcher matcher) {
        if (matcher.group(1) != null) {
            return new Rule(Optional.empty(), "", "");
        }
        try {
            Pattern pattern = Pattern.compile(matcher.group(2));
            String replacement = matcher.group(3);
            Matcher reference = Pattern.compile("\\$(\\d)").matcher(replacement);
            while (reference.find()) {
                if (Integer.parseInt(reference.group(1)) > pattern.matcher("").groupCount()) {
                    throw new IllegalArgumentException("it refers to " + reference.group() + ", a group that "
                            + pattern.pattern() + " does not have");
                }
            }
            requireMeaningful(replacement, pattern);
            return new Rule(Optional.of(pattern), replacement, matcher.group(4));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("it has the pattern " + e.getPattern() + ": " + e.getDescription(), e);
        }
    }

    /** Tries it on a text that matches the pattern, or else nothing: all groups are there. */
    private static void requireMeaningful(String replacement, Pattern pattern) {
        try {
            Pattern.compile("|" + pattern.pattern()).matcher("").replaceFirst(replacement);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("it has the replacement " + replacement + ": " + e.getMessage(), e);
        }
    }

    Optional<String> apply(String name) {
        return rules.stream().flatMap(rule -> rule.apply(name).stream()).findFirst();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PrincipalRules rule && rule.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
