package io.sluice.broker;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.IdleStateEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection that was silent for one and a half times its keep-alive ([MQTT-3.1.2-22]), in the place of
 * Moquette's handler: a connection that we did not read is not silent.
 */
final class IdleConnectionHandler extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(IdleConnectionHandler.class);

    private final FrontDoorHandler frontDoor;
    private final Inbox inbox;

    IdleConnectionHandler(FrontDoorHandler frontDoor, Inbox inbox) {
        this.frontDoor = frontDoor;
        this.inbox = inbox;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof IdleStateEvent)) {
            ctx.fireUserEventTriggered(event);
        } else if (!inbox.wasPaused()) {
            LOG.info("Closing the connection of {}: silent for longer than its keep-alive allows", frontDoor);
            ctx.close();
        }
    }
}
