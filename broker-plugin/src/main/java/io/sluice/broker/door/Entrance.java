package io.sluice.broker.door;

import io.moquette.broker.security.IAuthenticator;
import io.moquette.broker.security.IAuthorizatorPolicy;
import io.sluice.broker.packet.Reason;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is let in, and who may read and write what. Thread-safe.
 *
 * @param authenticator checks user names and passwords
 * @param authorizator decides about topics
 * @param allowAnonymous whether clients without a user name are let in
 */
public record Entrance(IAuthenticator authenticator, IAuthorizatorPolicy authorizator, boolean allowAnonymous) {

    /** {@link Reason#SUCCESS}, or why a client is not let in. */
    Reason admit(Client client, Optional<byte[]> password) {
        if (client.username().isEmpty()) {
            return allowAnonymous ? Reason.SUCCESS : Reason.NOT_AUTHORIZED;
        }
        byte @Nullable [] given = password.orElse(null);
        return authenticator.checkValid(client.id(), client.username().get(), given)
                ? Reason.SUCCESS
                : Reason.BAD_USER_NAME_OR_PASSWORD;
    }
}
