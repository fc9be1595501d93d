package io.sluice.tools.bench;

import io.sluice.tools.mqtt.MqttMessage;

/** What the devices of a fleet publish. Called on many threads, of each device on one at a time. */
public interface Content {

    /** The next message of a device. */
    MqttMessage next(int device);

    /** The broker has acknowledged a message; one with QoS 0 is sent. */
    default void acknowledged(MqttMessage message) {}

    /** A message was refused, or its connection was lost, and it is not sent again. It may have arrived. */
    default void failed(MqttMessage message, Throwable failure) {}
}
