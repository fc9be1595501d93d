package io.sluice.broker.access;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads text files that people write with any editor. */
final class TextFile {

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private TextFile() {}

    /**
     * The lines of a file in UTF-8, whatever line ends they have, without a byte order mark.
     *
     * @param what the file's name in messages
     * @throws AccessException if it cannot be read
     */
    static List<String> lines(String what, Path file) {
        try {
            String text = Files.readString(file, StandardCharsets.UTF_8);
            return text.substring(text.startsWith(BYTE_ORDER_MARK) ? 1 : 0)
                    .lines()
                    .toList();
        } catch (CharacterCodingException e) {
            throw new AccessException("The " + what + " " + file + " is not in UTF-8; save it in UTF-8", e);
        } catch (IOException e) {
            throw new AccessException("The " + what + " " + file + " cannot be read: " + e, e);
        }
    }
}
