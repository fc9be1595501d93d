package io.sluice.broker.session;

/**
 * The limits of the session store. Beyond a limit of a queue its oldest messages are dropped; beyond any other, the
 * newest is refused.
 *
 * @param sessions sessions that outlive their connections, at least 1; client id and user name may be
 *     {@value #SESSION_BYTES} bytes long on average
 * @param queueMessages messages that one session's queue holds, at least 1
 * @param queueBytes bytes that one session's queue holds, at least 1: topics, properties and payloads
 * @param subscriptions subscriptions of one client, at least 1; their filters may be {@value #SUBSCRIPTION_BYTES} bytes long
 *     on average
 * @param allSubscriptions subscriptions of all clients, at least 1; their filters may be as long
 * @param retainedMessages retained messages in all, at least 0
 * @param retainedBytes bytes of retained messages in all, at least 0
 * @param storedBytes bytes of queued and retained messages in all, 1 MiB to 4 GiB; a message that several queues hold counts
 *     once. The file on disk grows to a little more than twice as much, and twice what sessions and subscriptions take,
 *     before what is obsolete in it is left out
 */
public record SessionLimits(
        int sessions,
        int queueMessages,
        long queueBytes,
        int subscriptions,
        int allSubscriptions,
        int retainedMessages,
        long retainedBytes,
        long storedBytes) {

    private static final int SESSION_BYTES = 1_024;
    private static final int SUBSCRIPTION_BYTES = 1_024;
    private static final long MIN_STORED_BYTES = 1L << 20;
    private static final long MAX_STORED_BYTES = 4L << 30;

    private static final int MIN_SESSIONS = 1_000;
    /** A session with a subscription or two takes about three KiB. */
    private static final int HEAP_BYTES_PER_SESSION = 8 << 10;

    private static final int SHARE_OF_HEAP = 8;
    private static final long LEAST_HEAP_BYTES = 16L << 20;

    private static final int MIN_ALL_SUBSCRIPTIONS = 10_000;
    /** As many as there are sessions, twice. */
    private static final int HEAP_BYTES_PER_SUBSCRIPTION = 4 << 10;

    /** The limits unless the configuration says otherwise. */
    public static final SessionLimits DEFAULT = new SessionLimits(
            byHeap(MIN_SESSIONS, HEAP_BYTES_PER_SESSION),
            1_000,
            10L << 20,
            1_000,
            byHeap(MIN_ALL_SUBSCRIPTIONS, HEAP_BYTES_PER_SUBSCRIPTION),
            100_000,
            256L << 20,
            1L << 30);

    public SessionLimits {
        require("sessions", sessions, 1, Integer.MAX_VALUE);
        require("queueMessages", queueMessages, 1, Integer.MAX_VALUE);
        require("queueBytes", queueBytes, 1, Long.MAX_VALUE);
        require("subscriptions", subscriptions, 1, Integer.MAX_VALUE);
        require("allSubscriptions", allSubscriptions, 1, Integer.MAX_VALUE);
        require("retainedMessages", retainedMessages, 0, Integer.MAX_VALUE);
        require("retainedBytes", retainedBytes, 0, Long.MAX_VALUE);
        require("storedBytes", storedBytes, MIN_STORED_BYTES, MAX_STORED_BYTES);
    }

    private static int byHeap(int least, int bytesEach) {
        return (int)
                Math.min(Integer.MAX_VALUE, Math.max(least, Runtime.getRuntime().maxMemory() / bytesEach));
    }

    /** The same for any number of sessions. */
    public SessionLimits ofAnySessions() {
        return with(Integer.MAX_VALUE, storedBytes);
    }

    /**
     * The same where all messages are in the heap: they may take an eighth of it, or 16 MiB if that is more.
     *
     * @param maxHeapBytes the largest heap; bytes, positive
     */
    SessionLimits inHeapOf(long maxHeapBytes) {
        return with(sessions, Math.min(storedBytes, Math.max(LEAST_HEAP_BYTES, maxHeapBytes / SHARE_OF_HEAP)));
    }

    private SessionLimits with(int ownSessions, long ownBytes) {
        return new SessionLimits(
                ownSessions,
                queueMessages,
                queueBytes,
                subscriptions,
                allSubscriptions,
                retainedMessages,
                retainedBytes,
                ownBytes);
    }

    /** Bytes that all sessions may hold: client ids and user names. The longest of each fit, however few sessions there are. */
    long sessionBytes() {
        return (long) sessions * SESSION_BYTES + (128 << 10);
    }

    /** Bytes that the subscriptions of one client may hold. */
    long subscriptionBytes() {
        return (long) subscriptions * SUBSCRIPTION_BYTES + (64 << 10);
    }

    /** Bytes that the subscriptions of all clients may hold. */
    long allSubscriptionBytes() {
        return (long) allSubscriptions * SUBSCRIPTION_BYTES + subscriptionBytes();
    }

    private static void require(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + " is " + value + "; it must be between " + least + " and " + most);
        }
    }
}
