package io.sluice.broker.server;

/** A configuration that cannot be used; the message names the key, its value, and what would be right. */
public final class ConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ConfigurationException(String message) {
        super(message);
    }
}
