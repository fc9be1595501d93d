package io.sluice.message;

/**
 * The topics of a broker's events about clients that connect and disconnect. Clients cannot publish to them, since they
 * begin with {@code $}, and only a filter that names them matches them.
 */
public final class ConnectionTopics {

    private static final String PREFIX = "$connections/";

    /** Matches the topics of all clients. */
    public static final TopicFilter ALL = TopicFilter.of(PREFIX + "#");

    private ConnectionTopics() {}

    /** The topic of one client's events. */
    public static String of(String clientId) {
        return PREFIX + clientId;
    }
}
