package io.sluice.tools;

import java.util.regex.Pattern;

/** Which settings are secret, and what is shown in their place. */
public final class Secrets {

    /** What is shown in place of a secret. */
    public static final String MASK = "********";

    private static final Pattern SECRET_KEY =
            Pattern.compile("(?i).*(password|secret|token|credentials?|api\\.key|keystore\\.key|jaas\\.config)");

    /** A reference to a config provider: the worker looks the secret up. */
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{[^{}]+:[^{}]+}");

    private Secrets() {}

    /** The value of a setting as it may be shown: a secret one is masked, unless it only says where the secret is. */
    public static String shown(String key, String value) {
        boolean secret = SECRET_KEY.matcher(key).matches()
                && !value.isEmpty()
                && !REFERENCE.matcher(value).matches();
        return secret ? MASK : value;
    }
}
