package io.sluice.broker.hostile;

/** Bytes that break a rule, and which. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Fault(String name, byte[] bytes) {}
