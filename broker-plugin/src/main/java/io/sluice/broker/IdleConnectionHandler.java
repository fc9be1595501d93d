package io.sluice.broker;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.IdleStateEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection that was silent for one and a half times its keep-alive ([MQTT-3.1.2-22]), in the place of
 * Moquette's handler: a connection that we are not reading is not silent.
 */
final class IdleConnectionHandler extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(IdleConnectionHandler.class);

    private final FrontDoorHandler frontDoor;

    IdleConnectionHandler(FrontDoorHandler frontDoor) {
        this.frontDoor = frontDoor;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof IdleStateEvent)) {
            ctx.fireUserEventTriggered(event);
        } else if (!frontDoor.isReadingPaused()) {
            LOG.info("Closing the connection of {}: silent for longer than its keep-alive allows", frontDoor);
            ctx.close();
        }
    }
}
