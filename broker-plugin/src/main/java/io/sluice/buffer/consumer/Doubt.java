package io.sluice.buffer.consumer;

import io.sluice.buffer.record.Lanes;

/**
 * What a consumer had handed over and not heard of when its last attachment ended: one of these records may be the reason.
 * The buffer keeps it for the consumer and does not look into it.
 *
 * @param until messages before this position were on their way; 0 if none was
 * @param position the message of the only record that was on its way; -1 if there were none or several
 * @param part which of that message's records it was, by a number that the consumer gives it
 * @param score how strongly the ends of earlier attachments speak against that record; 0 and more
 * @param refused lanes with a message that Kafka Connect counts as done, and that is not in Kafka in any form yet
 */
public record Doubt(long until, long position, int part, int score, Lanes refused) {

    public static final Doubt NONE = new Doubt(0, -1, 0, 0, Lanes.NONE);

    /** What of it concerns whoever drains some lanes. A record that is suspected may be in any of them. */
    public Doubt in(Lanes lanes) {
        return new Doubt(until, position, part, score, refused.and(lanes));
    }

    /** This and another one, of other lanes. Of two records that are suspected one remains: the one that more speaks against. */
    Doubt and(Doubt other) {
        Doubt stronger = other.score > score ? other : this;
        return new Doubt(
                Math.max(until, other.until),
                stronger.position,
                stronger.part,
                stronger.score,
                refused.or(other.refused));
    }
}
