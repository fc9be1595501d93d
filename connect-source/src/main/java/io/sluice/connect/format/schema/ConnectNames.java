package io.sluice.connect.format.schema;

/** Names that Avro and Protobuf take too: letters, digits and {@code _}, and no digit in front. */
final class ConnectNames {

    private ConnectNames() {}

    /** A valid name that is near to another; the same, if that is valid. */
    static String valid(String name) {
        StringBuilder letters = new StringBuilder(name.length() + 1);
        if (name.isEmpty() || isDigit(name.charAt(0))) {
            letters.append('_');
        }
        name.codePoints()
                .forEach(c -> letters.append(
                        isDigit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ? (char) c : '_'));
        return letters.toString();
    }

    private static boolean isDigit(int character) {
        return character >= '0' && character <= '9';
    }
}
