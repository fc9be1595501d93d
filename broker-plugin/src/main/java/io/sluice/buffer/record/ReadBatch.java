package io.sluice.buffer.record;

import java.util.List;

/**
 * What one read returned.
 *
 * @param messages the consumer's messages, by rising position; none if none came within the wait
 * @param frontier every position below has been looked at: what of it is not in {@code messages}, now or earlier, is
 *     not for this consumer
 * @param gaps what was lost on the way, to be reported once
 */
public record ReadBatch(List<StoredMessage> messages, long frontier, List<Gap> gaps) {}
