/**
 * Keys, certificates and tokens in files, which may be renewed while they are in use.
 *
 * <p>{@link io.sluice.tls.TlsConfig} says where they are, {@link io.sluice.tls.FollowedStore} makes of them what a TLS
 * library needs. {@link io.sluice.tls.Tokens} admit clients without a certificate. {@link io.sluice.tls.SocketUri} is
 * the syntax of listeners, and says which of them need no TLS. This package knows none of the others.
 */
@NullMarked
package io.sluice.tls;

import org.jspecify.annotations.NullMarked;
