package io.sluice.broker.session;

import io.sluice.broker.session.Change.Complete;
import io.sluice.broker.session.Change.GroupBegun;
import io.sluice.broker.session.Change.Published;
import io.sluice.broker.session.Change.QueueEntry;
import io.sluice.broker.session.Change.Queued;
import io.sluice.broker.session.Change.Removed;
import io.sluice.broker.session.Change.Retained;
import io.sluice.broker.session.Change.RetainedCleared;
import io.sluice.broker.session.Change.Rewritten;
import io.sluice.broker.session.Change.SessionBegun;
import io.sluice.broker.session.Change.SessionChanged;
import io.sluice.broker.session.Change.SessionDeleted;
import io.sluice.broker.session.Change.StateFollows;
import io.sluice.broker.session.Change.Subscribed;
import io.sluice.broker.session.Change.Taken;
import io.sluice.broker.session.Change.Unsubscribed;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * How changes lie in the journal. "Byte format" in {@code assembly/docs/design.md} shows each byte.
 *
 * <p>The checksum is combined with the journal's salt, so that a device cannot put records into its payloads.
 */
final class JournalFormat {

    static final int ALIGNMENT = 8;
    static final int SIZE = 4;
    static final int HEADER_BYTES = 9;

    /** Size of a message's entry in a queue, without subscription identifiers. */
    static final int QUEUED_BYTES = 32;

    /** Size of the record with which a group begins. */
    static final int GROUP_BYTES = HEADER_BYTES + 3 * Long.BYTES;

    private static final int KIND = 8;
    private static final int PUBLISHED_BYTES = HEADER_BYTES + Integer.BYTES + Long.BYTES;
    private static final int FIXED_BYTES = 64;
    private static final int MAX_UTF8_PER_CHAR = 3;
    private static final long NO_TIME = Long.MAX_VALUE;

    private static final byte SESSION_BEGUN = 1;
    private static final byte SESSION_CHANGED = 2;
    private static final byte SESSION_DELETED = 3;
    private static final byte SUBSCRIBED = 4;
    private static final byte UNSUBSCRIBED = 5;
    private static final byte PUBLISHED = 6;
    private static final byte QUEUED = 7;
    private static final byte TAKEN = 8;
    private static final byte REMOVED = 9;
    private static final byte RETAINED = 10;
    private static final byte RETAINED_CLEARED = 11;
    private static final byte GROUP_BEGUN = 12;
    private static final byte STATE_FOLLOWS = 13;
    private static final byte COMPLETE = 14;

    private static final int QOS = 0x03;
    private static final int RETAIN = 0x04;
    private static final int SENT = 0x08;
    private static final int NO_LOCAL = 0x04;
    private static final int RETAIN_AS_PUBLISHED = 0x08;
    private static final int RETAIN_HANDLING_SHIFT = 4;

    private JournalFormat() {}

    static int aligned(int size) {
        return (size + ALIGNMENT - 1) & -ALIGNMENT;
    }

    static int size(Published published) {
        return publishedSize(published.body().length);
    }

    static int publishedSize(int bodyBytes) {
        return aligned(PUBLISHED_BYTES + bodyBytes);
    }

    /** About the size of a retained message's record, without the message. */
    static int retainedSize(String topic) {
        return FIXED_BYTES + topic.length();
    }

    /** About the size of a session's record. */
    static int size(StoredSession session) {
        return FIXED_BYTES + characters(session);
    }

    /** About the size of a subscription's record. */
    static int size(StoredSubscription subscription) {
        return FIXED_BYTES + subscription.filter().length();
    }

    /** A size in bytes that a change's record does not exceed. */
    static int sizeLimit(Change change) {
        if (change instanceof Published published) {
            return size(published);
        }
        if (change instanceof Queued queued) {
            return QUEUED_BYTES
                    + ALIGNMENT
                    + Integer.BYTES * queued.entry().identifiers().size();
        }
        int characters = 0;
        if (change instanceof SessionBegun begun) {
            characters = characters(begun.session());
        } else if (change instanceof SessionChanged changed) {
            characters = characters(changed.session());
        } else if (change instanceof Subscribed subscribed) {
            characters = subscribed.subscription().filter().length();
        } else if (change instanceof Unsubscribed unsubscribed) {
            characters = unsubscribed.filter().length();
        } else if (change instanceof Retained retained) {
            characters = retained.topic().length();
        } else if (change instanceof RetainedCleared cleared) {
            characters = cleared.topic().length();
        }
        return aligned(FIXED_BYTES + MAX_UTF8_PER_CHAR * characters);
    }

    private static int characters(StoredSession session) {
        return session.clientId().length()
                + session.username().map(String::length).orElse(0);
    }

    /** Appends a change's record, complete but for its checksum. */
    static void encode(Change change, ByteBuffer out) {
        int at = out.position();
        out.position(at + HEADER_BYTES);
        byte kind = encodeBody(change, out);
        int size = out.position() - at;
        out.putInt(at + SIZE, size).put(at + KIND, kind);
        while (out.position() < at + aligned(size)) {
            out.put((byte) 0);
        }
    }

    private static byte encodeBody(Change change, ByteBuffer out) {
        if (change instanceof Queued queued) {
            return putQueued(out, queued);
        } else if (change instanceof Taken taken) {
            out.putLong(taken.key()).putLong(taken.sequence());
            return TAKEN;
        } else if (change instanceof Removed removed) {
            out.putLong(removed.key()).putLong(removed.sequence());
            return REMOVED;
        } else if (change instanceof Published published) {
            putTime(out.putInt(published.slot()), published.expiresAt()).put(published.body());
            return PUBLISHED;
        } else if (change instanceof SessionBegun begun) {
            putSession(out.putLong(begun.key()), begun.session(), begun.disconnectedAt());
            return SESSION_BEGUN;
        } else if (change instanceof SessionChanged changed) {
            putSession(out.putLong(changed.key()), changed.session(), changed.disconnectedAt());
            return SESSION_CHANGED;
        } else if (change instanceof SessionDeleted deleted) {
            out.putLong(deleted.key());
            return SESSION_DELETED;
        } else if (change instanceof Subscribed subscribed) {
            putSubscription(out.putLong(subscribed.key()), subscribed.subscription());
            return SUBSCRIBED;
        } else if (change instanceof Unsubscribed unsubscribed) {
            putText(out.putLong(unsubscribed.key()), unsubscribed.filter());
            return UNSUBSCRIBED;
        } else if (change instanceof Retained retained) {
            putText(putTime(out.putInt(retained.slot()), retained.expiresAt()), retained.topic());
            return RETAINED;
        } else if (change instanceof RetainedCleared cleared) {
            putText(out, cleared.topic());
            return RETAINED_CLEARED;
        } else if (change instanceof GroupBegun begun) {
            out.putLong(begun.number()).putLong(begun.storeMs()).putLong(begun.wallMs());
            return GROUP_BEGUN;
        } else if (change instanceof Rewritten) {
            throw new IllegalArgumentException("only the change in it has a record: " + change);
        }
        return change instanceof StateFollows ? STATE_FOLLOWS : COMPLETE;
    }

    private static byte putQueued(ByteBuffer out, Queued queued) {
        QueueEntry entry = queued.entry();
        out.putLong(queued.key()).putLong(entry.sequence()).putInt(entry.slot());
        out.put((byte) (entry.qos() | (entry.retained() ? RETAIN : 0) | (entry.sent() ? SENT : 0)));
        entry.identifiers().forEach(out::putInt);
        return QUEUED;
    }

    private static void putSession(ByteBuffer out, StoredSession session, OptionalLong disconnectedAt) {
        putTime(putTime(out, session.disconnectedAtMs()), disconnectedAt)
                .putInt((int) session.expirySeconds())
                .put((byte) session.protocolLevel())
                .put((byte) (session.username().isPresent() ? 1 : 0));
        putText(out, session.clientId());
        session.username().ifPresent(username -> putText(out, username));
    }

    private static void putSubscription(ByteBuffer out, StoredSubscription subscription) {
        out.put((byte) (subscription.qos()
                        | (subscription.noLocal() ? NO_LOCAL : 0)
                        | (subscription.retainAsPublished() ? RETAIN_AS_PUBLISHED : 0)
                        | (subscription.retainHandling() << RETAIN_HANDLING_SHIFT)))
                .putInt(subscription.identifier().orElse(0));
        putText(out, subscription.filter());
    }

    private static ByteBuffer putTime(ByteBuffer out, OptionalLong time) {
        return out.putLong(time.orElse(NO_TIME));
    }

    private static void putText(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.putInt(bytes.length).put(bytes);
    }

    /**
     * The change that an intact record stands for.
     *
     * @param in the record, from its checksum to its end without the zeros
     * @throws RuntimeException if it stands for none that this version knows
     */
    static Change decode(ByteBuffer in) {
        byte kind = in.get(in.position() + KIND);
        in.position(in.position() + HEADER_BYTES);
        return switch (kind) {
            case SESSION_BEGUN -> {
                SessionChanged session = session(in);
                yield new SessionBegun(session.key(), session.session(), session.disconnectedAt());
            }
            case SESSION_CHANGED -> session(in);
            case SESSION_DELETED -> new SessionDeleted(in.getLong());
            case SUBSCRIBED -> new Subscribed(in.getLong(), subscription(in));
            case UNSUBSCRIBED -> new Unsubscribed(in.getLong(), PublishFormat.text(in));
            case PUBLISHED -> new Published(in.getInt(), time(in), PublishFormat.bytes(in));
            case QUEUED -> new Queued(in.getLong(), entry(in));
            case TAKEN -> new Taken(in.getLong(), in.getLong());
            case REMOVED -> new Removed(in.getLong(), in.getLong());
            case RETAINED -> new Retained(in.getInt(), time(in), PublishFormat.text(in));
            case RETAINED_CLEARED -> new RetainedCleared(PublishFormat.text(in));
            case GROUP_BEGUN -> new GroupBegun(in.getLong(), in.getLong(), in.getLong());
            case STATE_FOLLOWS -> new StateFollows();
            case COMPLETE -> new Complete();
            default -> throw new SessionStoreException("a record is of the unknown kind " + kind);
        };
    }

    private static SessionChanged session(ByteBuffer in) {
        long key = in.getLong();
        OptionalLong disconnectedAtMs = time(in);
        OptionalLong disconnectedAt = time(in);
        long expirySeconds = Integer.toUnsignedLong(in.getInt());
        int protocolLevel = in.get();
        boolean named = in.get() != 0;
        String clientId = PublishFormat.text(in);
        Optional<String> username = named ? Optional.of(PublishFormat.text(in)) : Optional.empty();
        return new SessionChanged(
                key,
                new StoredSession(clientId, username, protocolLevel, expirySeconds, disconnectedAtMs),
                disconnectedAt);
    }

    /** The client is the session's, which the record names by its key. */
    private static StoredSubscription subscription(ByteBuffer in) {
        int flags = in.get();
        int identifier = in.getInt();
        return new StoredSubscription(
                "",
                PublishFormat.text(in),
                flags & QOS,
                (flags & NO_LOCAL) != 0,
                (flags & RETAIN_AS_PUBLISHED) != 0,
                flags >>> RETAIN_HANDLING_SHIFT & QOS,
                identifier == 0 ? OptionalInt.empty() : OptionalInt.of(identifier));
    }

    private static QueueEntry entry(ByteBuffer in) {
        long sequence = in.getLong();
        int slot = in.getInt();
        int flags = in.get();
        List<Integer> identifiers = new ArrayList<>();
        while (in.remaining() >= Integer.BYTES) {
            identifiers.add(in.getInt());
        }
        return new QueueEntry(sequence, slot, flags & QOS, (flags & RETAIN) != 0, (flags & SENT) != 0, identifiers);
    }

    private static OptionalLong time(ByteBuffer in) {
        long time = in.getLong();
        return time == NO_TIME ? OptionalLong.empty() : OptionalLong.of(time);
    }

    static boolean isComplete(ByteBuffer record) {
        return record.get(KIND) == COMPLETE;
    }

    static boolean isPublished(ByteBuffer record) {
        return record.get(KIND) == PUBLISHED;
    }

    static int publishedSlot(ByteBuffer record) {
        return record.getInt(HEADER_BYTES);
    }

    static int size(ByteBuffer in, int at) {
        return in.getInt(at + SIZE);
    }

    /** Whether a record could begin here, as far as its size tells. */
    static boolean isPlausible(ByteBuffer in, int at, long available) {
        int size = size(in, at);
        return size >= HEADER_BYTES && aligned(size) <= available && aligned(size) > 0;
    }

    static boolean isGroup(ByteBuffer in, int at) {
        return in.get(at + KIND) == GROUP_BEGUN && size(in, at) == GROUP_BYTES;
    }

    static long groupNumber(ByteBuffer in, int at) {
        return in.getLong(at + HEADER_BYTES);
    }

    /** Completes a record with its checksum. */
    static void seal(ByteBuffer in, int at, int salt, CRC32C crc) {
        in.putInt(at, checksum(in, at, salt, crc));
    }

    static boolean isIntact(ByteBuffer in, int at, int salt, CRC32C crc) {
        return in.getInt(at) == checksum(in, at, salt, crc);
    }

    private static int checksum(ByteBuffer in, int at, int salt, CRC32C crc) {
        crc.reset();
        crc.update(in.slice(at + SIZE, size(in, at) - SIZE));
        return (int) crc.getValue() ^ salt;
    }
}
