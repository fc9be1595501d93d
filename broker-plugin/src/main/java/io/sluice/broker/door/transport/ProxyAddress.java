package io.sluice.broker.door.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * Takes the client's address from the header that a load balancer sends first (PROXY protocol, versions 1 and 2). A
 * health check of the load balancer itself ({@code LOCAL}) keeps its address.
 */
final class ProxyAddress extends SimpleChannelInboundHandler<HAProxyMessage> {

    private final PacketReceiver receiver;

    ProxyAddress(PacketReceiver receiver) {
        this.receiver = receiver;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HAProxyMessage header) throws UnknownHostException {
        String address = header.sourceAddress();
        byte[] bytes = address == null ? null : NetUtil.createByteArrayFromIpAddressString(address);
        if (header.command() == HAProxyCommand.PROXY && bytes != null) {
            receiver.comesFrom(new InetSocketAddress(InetAddress.getByAddress(bytes), header.sourcePort()));
        }
        ctx.pipeline().remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        receiver.turnAway("it does not begin with a header of the PROXY protocol");
    }
}
