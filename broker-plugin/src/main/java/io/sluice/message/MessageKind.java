package io.sluice.message;

/** What made a message: a device that published, a broker that spoke for it, or the connection itself. */
public enum MessageKind {
    /** A PUBLISH packet of a client. */
    PUBLISH,
    /** The last will of a client that is gone (MQTT 5 section 3.1.2.5). */
    WILL,
    /** A client's CONNECT was accepted. */
    CONNECTED,
    /** A client left with DISCONNECT. */
    DISCONNECTED,
    /** A client's connection ended without DISCONNECT. */
    CONNECTION_LOST
}
