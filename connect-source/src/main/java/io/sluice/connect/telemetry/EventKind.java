package io.sluice.connect.telemetry;

/** What events are about. Each kind is limited and kept separately, so that none crowds out another. */
enum EventKind {
    /** Connectors, tasks and brokers that come, change, fail and go. All are told. */
    LIFE("life", Integer.MAX_VALUE, 100),
    /** Positions that a buffer no longer had: as often as a reader is overtaken. */
    LOSS("positions", 100, 20),
    /** Messages that do not reach Kafka as they should: as often as devices publish. */
    MESSAGE("messages", 100, 60),
    /** Messages of Sparkplug B that lack something: as often as edge nodes publish. */
    SPARKPLUG("Sparkplug B", 100, 20);

    private final String label;
    private final int perMinute;
    private final int kept;

    EventKind(String label, int perMinute, int kept) {
        this.label = label;
        this.perMinute = perMinute;
        this.kept = kept;
    }

    String label() {
        return label;
    }

    /** How many of a connector a minute are told. */
    int perMinute() {
        return perMinute;
    }

    int kept() {
        return kept;
    }
}
