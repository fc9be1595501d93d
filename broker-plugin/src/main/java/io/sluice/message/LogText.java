package io.sluice.message;

/** Makes what devices choose fit for a log, in which it must not begin a line, nor change how one looks. */
public final class LogText {

    private LogText() {}

    /** A text with a question mark in place of each character that cannot be seen. */
    public static String visible(String text) {
        return text.codePoints()
                .map(c -> isInvisible(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Whether a character ends a line, controls a terminal, or turns the direction of what follows. */
    public static boolean isInvisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        };
    }
}
