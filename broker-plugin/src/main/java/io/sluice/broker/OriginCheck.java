package io.sluice.broker;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a browser open a WebSocket only from a page of the broker's own host, or of an origin that the user names (RFC
 * 6455 section 10.2). Browsers send
 * {@code Origin} and follow no other rule here: without this check any page on the web could publish to a broker on its
 * visitor's machine. Other clients send no {@code Origin}, and are let through.
 */
final class OriginCheck extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(OriginCheck.class);

    private final List<WebSocketOrigin> allowed;

    OriginCheck(List<WebSocketOrigin> allowed) {
        this.allowed = allowed;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object read) {
        if (read instanceof HttpRequest request && !isAllowed(request)) {
            LOG.warn(
                    "Refused a WebSocket from {} that a page of {} wanted to open",
                    ctx.channel().remoteAddress(),
                    request.headers().get(HttpHeaderNames.ORIGIN));
            ReferenceCountUtil.release(read);
            ctx.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.FORBIDDEN))
                    .addListener(ChannelFutureListener.CLOSE);
        } else {
            ctx.fireChannelRead(read);
        }
    }

    private boolean isAllowed(HttpRequest request) {
        String origin = request.headers().get(HttpHeaderNames.ORIGIN);
        if (origin == null || allowed.stream().anyMatch(other -> other.admits(origin))) {
            return true;
        }
        String host = hostOf("//" + request.headers().get(HttpHeaderNames.HOST, ""));
        return host != null && host.equalsIgnoreCase(hostOf(origin));
    }

    private static @Nullable String hostOf(String uri) {
        try {
            return new URI(uri).getHost();
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
