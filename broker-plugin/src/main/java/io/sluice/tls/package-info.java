/**
 * Keys, certificates and tokens in files, which may be renewed while they are in use.
 *
 * <p>{@link io.sluice.tls.TlsConfig} says where they are, {@link io.sluice.tls.FollowedStore} makes of them what a TLS
 * library asks. {@link io.sluice.tls.Tokens} let in those who show no certificate. {@link io.sluice.tls.SocketUri} is how it
 * is written where somebody listens, and {@link io.sluice.tls.Loopback} which of these places need no TLS. This package knows nothing of the others.
 */
@NullMarked
package io.sluice.tls;

import org.jspecify.annotations.NullMarked;
