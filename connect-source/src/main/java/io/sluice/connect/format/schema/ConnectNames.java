package io.sluice.connect.format.schema;

import java.util.regex.Pattern;

/** Names that Avro and Protobuf take too: letters, digits and {@code _}, and no digit in front. */
final class ConnectNames {

    private static final Pattern OTHERS = Pattern.compile("[^A-Za-z0-9_]");

    private ConnectNames() {}

    /** A valid name that is near to another; the same, if that is valid. */
    static String valid(String name) {
        String letters = OTHERS.matcher(name).replaceAll("_");
        return letters.isEmpty() || Character.isDigit(letters.charAt(0)) ? "_" + letters : letters;
    }
}
