package io.sluice.buffer.consumer;

import io.sluice.buffer.record.Lanes;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the attachments of one consumer left in doubt, each for the lanes that it drained. A later attachment hears what every
 * one left that drained one of its lanes. Immutable.
 *
 * @param left for sets of lanes that share none
 */
public record Doubts(List<Left> left) {

    public static final Doubts NONE = new Doubts(List.of());

    public record Left(Lanes lanes, Doubt doubt) {}

    /** What is in doubt for whoever drains some lanes. */
    public Doubt of(Lanes lanes) {
        return left.stream()
                .filter(one -> one.lanes().intersects(lanes))
                .map(one -> one.doubt().in(one.lanes().and(lanes)))
                .reduce(Doubt.NONE, Doubt::and);
    }

    /** The same, but for some lanes of which this is left now. */
    public Doubts with(Lanes lanes, Doubt doubt) {
        return new Doubts(Stream.concat(without(lanes).left().stream(), Stream.of(new Left(lanes, doubt)))
                .toList());
    }

    /** The same, but for some lanes of which nothing is known. */
    public Doubts without(Lanes lanes) {
        return new Doubts(left.stream()
                .map(one -> new Left(one.lanes().without(lanes), one.doubt()))
                .filter(one -> !one.lanes().equals(Lanes.NONE))
                .toList());
    }
}
