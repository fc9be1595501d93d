/**
 * Keys, certificates and tokens in files, which may be renewed while they are in use.
 *
 * <p>{@link io.sluice.tls.TlsConfig} says where they are, {@link io.sluice.tls.FollowedStore} makes of them what a TLS
 * library asks. {@link io.sluice.tls.Tokens} let in those who show no certificate. This room knows nothing of the others.
 */
@NullMarked
package io.sluice.tls;

import org.jspecify.annotations.NullMarked;
