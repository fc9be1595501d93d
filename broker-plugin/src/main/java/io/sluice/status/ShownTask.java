package io.sluice.status;

import java.util.List;
import java.util.Optional;

/** A connector's task that the status shows. Thread-safe; every answer is cheap and waits for nothing. */
public interface ShownTask {

    String connector();

    /** Its number in the connector, from 0. */
    int number();

    /** Its state; empty if it is no longer in this process and is not to be shown. */
    Optional<TaskStatus> status();

    /** Whether it is no longer in this process, and nobody else will hide it. Cheap for a task that runs. */
    boolean isGone();

    List<Sample> samples();
}
