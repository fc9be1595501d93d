package io.sluice.connect.format.schema;

/** Names that Avro and Protobuf take too: letters, digits and {@code _}, and no digit in front. */
final class ConnectNames {

    private ConnectNames() {}

    /** A valid name that is near to another; the same, if that is valid. */
    static String valid(String name) {
        String letters = name.replaceAll("[^A-Za-z0-9_]", "_");
        return letters.isEmpty() || Character.isDigit(letters.charAt(0)) ? "_" + letters : letters;
    }

    /** Whether a name is valid. */
    static boolean isValid(String name) {
        return name.equals(valid(name));
    }
}
