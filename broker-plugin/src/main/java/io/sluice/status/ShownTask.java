package io.sluice.status;

import java.util.List;
import java.util.Optional;

/** A connector's task that the status shows. Thread-safe; every answer is cheap and waits for nothing. */
public interface ShownTask {

    /** The name of its connector. */
    String connector();

    /** Its number in the connector, from 0. */
    int number();

    /** How it is; empty if it is no longer in this process, and nothing is to be shown of it. */
    Optional<TaskStatus> status();

    /** Its metrics. */
    List<Sample> samples();
}
