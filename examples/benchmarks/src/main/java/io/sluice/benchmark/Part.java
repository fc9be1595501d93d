package io.sluice.benchmark;

/** What can be measured for itself. */
enum Part {
    /** All contenders at full load. */
    THROUGHPUT,
    /** Batches, compression, headers and a filter, at full load. */
    TUNING,
    /** Kafka and Kafka Connect alone. */
    LIMITS,
    /** Contenders at a steady rate. */
    LATENCY,
    /** Qualities of service, payloads, windows, numbers of connections. */
    LOADS,
    /** Formats of records, and numbers of filters. */
    VARIANTS,
    /** A backlog in a broker of the worker, and in one outside. */
    DRAINS,
    /** A backlog after Kafka was away. */
    BACKLOG,
    /** QoS 1 and 2 in a worker with exactly-once. */
    EXACTLY_ONCE,
    /** Heap of idle connections, and of a backlog of gibibytes. */
    MEMORY
}
