package io.sluice.broker.access;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Who may come in, and what they may do.
 *
 * @param allowAnonymous whether clients without a user name are let in
 * @param passwordFile user names and hashes of their passwords; empty: every user name is let in
 * @param aclFile who may publish and subscribe to which topics; empty: everybody to everything
 */
public record AccessConfig(boolean allowAnonymous, Optional<Path> passwordFile, Optional<Path> aclFile) {

    /** Everybody may come in and do everything. */
    public static AccessConfig open() {
        return new AccessConfig(true, Optional.empty(), Optional.empty());
    }
}
