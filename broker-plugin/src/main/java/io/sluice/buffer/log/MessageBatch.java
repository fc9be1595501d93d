package io.sluice.buffer.log;

import java.util.ArrayList;
import java.util.List;

/** What one read of messages has gathered. */
final class MessageBatch {

    private final List<StoredMessage> messages = new ArrayList<>();
    private final List<Gap> gaps = new ArrayList<>();
    private final int maxMessages;
    private final long maxBytes;
    private long bytes;

    MessageBatch(int maxMessages, long maxBytes) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    void add(StoredMessage message) {
        messages.add(message);
        bytes += message.message().payload().remaining();
    }

    void add(List<Gap> found) {
        gaps.addAll(found);
    }

    boolean isFull() {
        return messages.size() >= maxMessages || bytes >= maxBytes;
    }

    boolean isEmpty() {
        return messages.isEmpty() && gaps.isEmpty();
    }

    ReadBatch read(long frontier) {
        return new ReadBatch(messages, frontier, gaps);
    }
}
