package io.sluice.broker.session;

import java.io.IOException;

/** Bytes of a file are not what was written. */
final class DamagedException extends IOException {

    private static final long serialVersionUID = 1L;

    DamagedException(String message) {
        super(message);
    }
}
