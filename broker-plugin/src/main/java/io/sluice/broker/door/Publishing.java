package io.sluice.broker.door;

/** The handlers of one publisher's packets, from CONNACK on. */
record Publishing(UnreleasedIds.Session session, AckQueue acks, Capture capture, PubrelHandler pubrels) {}
