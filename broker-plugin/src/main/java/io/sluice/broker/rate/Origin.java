package io.sluice.broker.rate;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Where a connection comes from, as far as it is counted: an address of IPv4, or the network of 64 bits that one of
 * IPv6 is in, since whoever has one address of it has all.
 *
 * @param network the bits of the address that count
 * @param isIpv6 which of the two
 */
public record Origin(long network, boolean isIpv6) {

    public static Origin of(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet6Address ? new Origin(bytes.getLong(), true) : new Origin(bytes.getInt(), false);
    }
}
