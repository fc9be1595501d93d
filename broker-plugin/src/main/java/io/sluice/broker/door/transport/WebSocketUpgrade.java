package io.sluice.broker.door.transport;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.NetUtil;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets a request open a WebSocket if it asks for {@code /mqtt}, with or without a query, and says in HTTP what is wrong
 * with any other.
 *
 * <p>A browser may open one only from a page of the broker's own host, or of an origin that the user names (RFC 6455
 * section 10.2). Browsers send {@code Origin} and follow no other rule here: without this check any page on the web
 * could publish to a broker on its visitor's machine. Other clients send no {@code Origin}, and are let through.
 */
final class WebSocketUpgrade extends SimpleChannelInboundHandler<FullHttpRequest> {

    static final String PATH = "/mqtt";

    private static final String VERSION = "13";

    private final PacketReceiver receiver;
    private final List<WebSocketOrigin> allowed;
    private final boolean isEncrypted;
    private boolean hasAnswered;

    /**
     * @param allowed the origins whose web pages may open WebSockets, besides those of the broker's host
     * @param isEncrypted whether the browser has seen a certificate for the host's name
     */
    WebSocketUpgrade(PacketReceiver receiver, List<WebSocketOrigin> allowed, boolean isEncrypted) {
        super(false);
        this.receiver = receiver;
        this.allowed = allowed;
        this.isEncrypted = isEncrypted;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        if (hasAnswered) {
            // One request opens a WebSocket, and nothing of HTTP may follow.
            request.release();
            receiver.turnAway("it has sent another HTTP request after the first");
            return;
        }
        hasAnswered = true;
        HttpResponseStatus status = judge(request);
        if (status.equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            request.setUri(PATH);
            ctx.fireChannelRead(request);
        } else {
            request.release();
            receiver.turnAway(
                    "its HTTP request was answered with " + status,
                    () -> ctx.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status))
                            .addListener(ChannelFutureListener.CLOSE));
        }
    }

    private HttpResponseStatus judge(FullHttpRequest request) {
        if (request.decoderResult().isFailure()) {
            return HttpResponseStatus.BAD_REQUEST;
        }
        if (!new QueryStringDecoder(request.uri()).path().equals(PATH)) {
            return HttpResponseStatus.NOT_FOUND;
        }
        if (!request.method().equals(HttpMethod.GET)
                || !request.headers().containsValue(HttpHeaderNames.UPGRADE, "websocket", true)
                || !VERSION.equals(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
            return HttpResponseStatus.UPGRADE_REQUIRED;
        }
        return isAllowed(request) ? HttpResponseStatus.SWITCHING_PROTOCOLS : HttpResponseStatus.FORBIDDEN;
    }

    private boolean isAllowed(FullHttpRequest request) {
        String origin = request.headers().get(HttpHeaderNames.ORIGIN);
        if (origin == null || allowed.stream().anyMatch(other -> other.admits(origin))) {
            return true;
        }
        String host = hostOf("//" + request.headers().get(HttpHeaderNames.HOST, ""));
        return host != null && host.equalsIgnoreCase(hostOf(origin)) && (isEncrypted || isAddress(host));
    }

    /** A host name proves nothing: its owner may let it point to the broker, and serve a page under it. */
    private static boolean isAddress(String host) {
        return host.equalsIgnoreCase("localhost")
                || NetUtil.isValidIpV4Address(host)
                || NetUtil.isValidIpV6Address(host);
    }

    private static @Nullable String hostOf(String uri) {
        try {
            return new URI(uri).getHost();
        } catch (URISyntaxException e) {
            return null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (hasAnswered) {
            // A WebSocket frame that is not valid: the connection logs and counts it.
            ctx.fireExceptionCaught(cause);
        } else {
            receiver.turnAway("its HTTP request cannot be read: " + cause.getMessage());
        }
    }
}
