package io.sluice.tools.doctor;

/**
 * Something that was looked at.
 *
 * @param of what it is about: a connector, a topic, the worker
 * @param finding what was found, in a sentence
 * @param remedy what helps, in a sentence; empty if nothing has to
 */
public record Finding(Level level, String of, String finding, String remedy) {

    public String sentence() {
        return (finding + " " + remedy).strip();
    }

    /** How something is; the names are what people read. */
    public enum Level {
        /** As it should be. */
        OK,
        /** It works, and could be better. */
        ADVICE,
        /** It could not be seen from here. */
        UNKNOWN,
        /** A mistake. */
        WRONG
    }
}
