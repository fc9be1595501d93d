package io.sluice.message;

/** The quality of service a publisher chose ([MQTT-4.3]). */
public enum Qos {
    /** QoS 0: no acknowledgement. */
    AT_MOST_ONCE(0),
    /** QoS 1: PUBACK. */
    AT_LEAST_ONCE(1),
    /** QoS 2: PUBREC, PUBREL, PUBCOMP. */
    EXACTLY_ONCE(2);

    private static final Qos[] BY_LEVEL = values();

    private final int level;

    Qos(int level) {
        this.level = level;
    }

    /**
     * The quality of service of a level on the wire.
     *
     * @param level 0, 1 or 2
     * @throws IllegalArgumentException if the level is none of these
     */
    public static Qos ofLevel(int level) {
        if (level < 0 || level >= BY_LEVEL.length) {
            throw new IllegalArgumentException("QoS level " + level + " is not 0, 1 or 2");
        }
        return BY_LEVEL[level];
    }

    /** The level on the wire: 0, 1 or 2. */
    public int level() {
        return level;
    }
}
