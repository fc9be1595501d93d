package io.sluice.connect.telemetry;

/** The latest events of all connectors of this worker, as {@code io.sluice:type=Events} over JMX. */
public interface EventLogMXBean {

    /** The latest events, the oldest first, each a JSON object. */
    String[] getLatest();
}
