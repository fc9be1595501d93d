package io.sluice.broker.access;

import io.sluice.broker.access.AccessRule.Permission;
import io.sluice.message.TopicFilter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads an ACL file: mosquitto's format as Moquette reads it, with roles.
 *
 * <pre>
 *   topic [read|write|readwrite|deny] FILTER     for whom the section is; readwrite if nothing is said
 *   pattern [read|write|readwrite|deny] FILTER   the same with %c and %u; for everybody, except in a role's section
 *   user NAME                                    begins the section of a user
 *   roles NAME …                                 in a user's section: the user has these roles
 *   role NAME                                    begins the section of a role
 *   everybody                                    begins a section for everybody, as is the start of the file
 * </pre>
 *
 * <p>A line that begins with {@code #}, and whatever follows a blank and {@code #} in a rule, is a comment. For one
 * file; not thread-safe.
 */
final class AclFile {

    private static final Logger LOG = LoggerFactory.getLogger(AclFile.class);

    private static final String LINES =
            "write topic, pattern, user, roles, role or everybody at its beginning, or # before a comment";

    private final Path file;
    private final List<AccessRule> everybody = new ArrayList<>();
    private final Map<String, List<AccessRule>> users = new LinkedHashMap<>();
    private final Map<String, List<AccessRule>> roles = new HashMap<>();
    private final Map<String, Map<String, Integer>> rolesOfUsers = new LinkedHashMap<>();
    private List<AccessRule> section = everybody;
    private Optional<String> user = Optional.empty();
    private boolean isRole;
    private boolean isBehindPattern;
    private int line;

    private AclFile(Path file) {
        this.file = file;
    }

    /** @throws AccessException if it cannot be read, or a line of it is not valid */
    static AccessRules read(Path file) {
        return parse(file, TextFile.lines("ACL file", file));
    }

    static AccessRules parse(Path file, List<String> lines) {
        AclFile reading = new AclFile(file);
        for (String text : lines) {
            reading.line++;
            String stripped = text.strip();
            if (!stripped.isEmpty() && !stripped.startsWith("#")) {
                reading.take(stripped);
            }
        }
        return reading.rules();
    }

    private void take(String text) {
        String keyword = text.split("\\s+", 2)[0];
        String rest = text.substring(keyword.length()).strip();
        String name = withoutComment(rest);
        switch (keyword.toLowerCase(Locale.ROOT)) {
            case "topic" -> topic(text, rest);
            case "pattern" -> pattern(text, rest);
            case "user" -> {
                beginSection(users, required(name, "a user"));
                user = Optional.of(name);
            }
            case "role" -> {
                beginSection(roles, required(name, "a role"));
                isRole = true;
            }
            case "roles" -> hasRoles(required(name, "a role"));
            case "everybody" -> {
                section = everybody;
                endSection();
            }
            default -> throw wrong("begins with '" + keyword + "'; " + LINES);
        }
    }

    private static String withoutComment(String text) {
        return text.replaceFirst("\\s+#.*$", "");
    }

    private String required(String name, String what) {
        if (name.isEmpty()) {
            throw wrong("names nobody; write the name of " + what);
        }
        return name;
    }

    private void beginSection(Map<String, List<AccessRule>> sections, String name) {
        endSection();
        section = sections.computeIfAbsent(name, first -> new ArrayList<>());
    }

    private void endSection() {
        user = Optional.empty();
        isRole = false;
        isBehindPattern = false;
    }

    private void topic(String text, String rest) {
        if (isBehindPattern) {
            LOG.warn(
                    "Line {} of the ACL file {} follows a pattern, so it applies to everybody, as in Moquette, and not"
                            + " only to user '{}', as in mosquitto: write 'everybody' or 'user {}' before it",
                    line,
                    file,
                    user.orElse(""),
                    user.orElse(""));
            everybody.add(rule(text, rest, false));
        } else {
            section.add(rule(text, rest, false));
        }
    }

    private void pattern(String text, String rest) {
        AccessRule pattern = rule(text, rest, true);
        if (isRole) {
            section.add(pattern);
        } else {
            everybody.add(pattern);
            isBehindPattern = user.isPresent();
        }
    }

    private AccessRule rule(String text, String rest, boolean isPattern) {
        String[] words = rest.split("\\s+", 2);
        Optional<Permission> permission = Arrays.stream(Permission.values())
                .filter(any -> words.length == 2 && any.name().equalsIgnoreCase(words[0]))
                .findFirst();
        String filter = withoutComment(permission.isPresent() ? words[1] : rest);
        if (permission.isEmpty() && filter.chars().anyMatch(Character::isWhitespace)) {
            throw wrong("says '" + words[0] + "' before its topic; it must be read, write, readwrite or deny");
        }
        try {
            TopicFilter.of(isPattern ? filter.replace("%c", "c").replace("%u", "u") : filter);
        } catch (IllegalArgumentException e) {
            throw new AccessException(sentence("has the topic '" + filter + "': " + e.getMessage()), e);
        }
        return new AccessRule(
                line,
                text,
                permission.orElse(Permission.READWRITE),
                isPattern ? TopicLevels.ofPattern(filter) : TopicLevels.of(filter),
                isPattern);
    }

    private void hasRoles(String names) {
        String of = user.orElseThrow(() -> wrong("gives roles to nobody; write it below a line that begins with user"));
        for (String name : names.split("[\\s,]+", -1)) {
            rolesOfUsers.computeIfAbsent(of, first -> new LinkedHashMap<>()).put(name, line);
        }
    }

    private AccessRules rules() {
        rolesOfUsers.forEach((name, given) -> given.forEach((role, at) -> {
            List<AccessRule> rules = roles.get(role);
            if (rules == null) {
                line = at;
                throw wrong("names the role '" + role + "', which the file does not have; it has "
                        + roles.keySet().stream().sorted().toList());
            }
            users.computeIfAbsent(name, first -> new ArrayList<>()).addAll(rules);
        }));
        return new AccessRules(everybody, users);
    }

    private AccessException wrong(String what) {
        return new AccessException(sentence(what));
    }

    private String sentence(String what) {
        return "Line " + line + " of the ACL file " + file + " " + what;
    }
}
