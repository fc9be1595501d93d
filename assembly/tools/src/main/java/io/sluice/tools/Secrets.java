package io.sluice.tools;

import java.util.regex.Pattern;

/** Which settings are secret, and what is shown in their place. */
public final class Secrets {

    public static final String MASK = "********";

    private static final Pattern SECRET_KEY = Pattern.compile(
            "(?i).*(password|passphrase|user\\.info|secret|token|credentials?|credentials[._]json|keyfile|authorization"
                    + "|(api|keystore|access|private|account|secret)[._]key|jaas\\.config)");

    private static final String REFERENCE = "\\$\\{[^{}]+:[^{}]+}";

    /** What says where the secret is: a reference to a config provider, or a login module with nothing but such references. */
    private static final Pattern REFERRED =
            Pattern.compile(REFERENCE + "|(\\w+\\.)+\\w+ required( \\w+=\"" + REFERENCE + "\")*;");

    private static final Pattern LOGIN = Pattern.compile("//[^\\s/@:]*:[^\\s/]*@");

    /** A parameter of an address; with two equals signs it is a comparison in a filter. */
    private static final Pattern PARAMETER = Pattern.compile(
            "(?i)([?&;][\\w.-]*(?:password|pwd|secret|token)=)(?!=|" + REFERENCE + "(?:[&;]|$))[^&;\\r\\n]+");

    private Secrets() {}

    static boolean isSecret(String key) {
        return SECRET_KEY.matcher(key).matches();
    }

    /** An address as it may be shown: whatever stands before its last at sign is masked. */
    public static String addressShown(String address) {
        int at = address.lastIndexOf('@');
        int slashes = address.indexOf("//");
        int start = slashes < 0 || slashes > at ? 0 : slashes + 2;
        return at < 0 ? address : address.substring(0, start) + MASK + address.substring(at);
    }

    /**
     * The value of a setting as it may be shown: a secret one is masked, unless it only says where the
     * secret is, and so are a login in an address and a secret among the parameters of one.
     */
    public static String shown(String key, String value) {
        boolean secret =
                isSecret(key) && !value.isEmpty() && !REFERRED.matcher(value).matches();
        return secret
                ? MASK
                : PARAMETER
                        .matcher(LOGIN.matcher(value).replaceAll("//" + MASK + "@"))
                        .replaceAll("$1" + MASK);
    }

    /**
     * Refuses an address with a login in it, which a list of processes or a file would show.
     *
     * @param option with which the login is given
     * @throws ToolException if there is one
     */
    public static void withoutLogin(String address, String option) {
        String shown = addressShown(address);
        if (!shown.equals(address)) {
            throw ToolException.usage(
                    "The address " + shown + " has a login in it; give it with " + option + " env:NAME or file:PATH.");
        }
    }
}
