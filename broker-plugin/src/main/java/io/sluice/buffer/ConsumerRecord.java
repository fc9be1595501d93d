package io.sluice.buffer;

import io.sluice.message.TopicFilter;
import java.util.List;

/**
 * What is persisted of a consumer.
 *
 * @param key under which its attachments' marks are authenticated
 * @param acknowledged by lane, the last position it has acknowledged, or the one before it registered
 * @param unattachedMs how long it was not attached while the buffer was open
 * @param attachments how many attachments were numbered
 * @param holders by lane, the number of the newest attachment that was given the lane; 0 if none was
 * @param doubt what its last attachment left in doubt
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and shared within this package only
record ConsumerRecord(
        String name,
        byte[] key,
        List<TopicFilter> filters,
        AckMode ackMode,
        LanePositions acknowledged,
        Lanes lanesWithStoredOffsets,
        long unattachedMs,
        int attachments,
        int[] holders,
        Doubt doubt) {}
