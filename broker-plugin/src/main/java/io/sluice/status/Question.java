package io.sluice.status;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A question to the status.
 *
 * @param isDelete whether to delete what the path names; else to show it
 * @param path decoded, without the query
 */
record Question(boolean isDelete, String path, Map<String, List<String>> parameters) {

    /** A mistake in a request, in one sentence. */
    static final class MistakeException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        MistakeException(String sentence) {
            super(sentence);
        }
    }

    /** @throws MistakeException if the parameter is no number, or beyond its limits */
    long number(String name, long byDefault, long most) {
        try {
            long number = text(name).map(Long::valueOf).orElse(byDefault);
            if (number >= 0 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new MistakeException(name + " must be a whole number from 0 to " + most);
    }

    /**
     * The kind of events that is asked for, if it is one alone.
     *
     * @throws MistakeException if there is no such kind
     */
    Optional<StatusEvent.Kind> kind() {
        return text("kind")
                .map(word -> Arrays.stream(StatusEvent.Kind.values())
                        .filter(kind -> kind.name().toLowerCase(Locale.ROOT).equals(word))
                        .findFirst()
                        .orElseThrow(() -> new MistakeException("kind must be lifecycle, statistics or errors")));
    }

    Optional<String> text(String name) {
        return parameters.getOrDefault(name, List.of()).stream().findFirst();
    }
}
