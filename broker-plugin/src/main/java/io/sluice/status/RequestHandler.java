package io.sluice.status;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves one connection: takes a request at a time, and closes the connection if its client is slow to send or to read.
 * For the one thread of the listener.
 */
final class RequestHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

    private static final Logger LOG = LoggerFactory.getLogger(RequestHandler.class);

    private static final Duration BETWEEN_REQUESTS = Duration.ofSeconds(60);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final int MOST_PARAMETERS = 16;

    private final StatusAnswers answers;
    private final RequestCheck check;
    private final RequestPace pace;
    private final OpenConnections connections;
    private final Duration patience;
    private @Nullable Future<?> deadline;
    private @Nullable EventWait waiting;

    RequestHandler(
            StatusAnswers answers,
            RequestCheck check,
            RequestPace pace,
            OpenConnections connections,
            Duration patience) {
        this.answers = answers;
        this.check = check;
        this.pace = pace;
        this.connections = connections;
        this.patience = patience;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        closeAfter(ctx, patience);
    }

    private void closeAfter(ChannelHandlerContext ctx, Duration allowed) {
        stopTheClock();
        deadline = ctx.executor().schedule(() -> ctx.close(), allowed.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void stopTheClock() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        stopTheClock();
        connections.asks(ctx.channel());
        ctx.channel().config().setAutoRead(false);
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        if (request.decoderResult().isFailure()) {
            send(ctx, Answer.error(HttpResponseStatus.BAD_REQUEST, "This is no request of HTTP/1.1"), false);
            return;
        }
        try {
            QueryStringDecoder uri =
                    new QueryStringDecoder(request.uri(), StandardCharsets.UTF_8, true, MOST_PARAMETERS);
            Question question = new Question(request.method().equals(HttpMethod.DELETE), uri.path(), uri.parameters());
            boolean isKnown = check.isKnown(request);
            refusal(ctx, request, question, isKnown)
                    .ifPresentOrElse(
                            refused -> send(ctx, refused, keepAlive), () -> answer(ctx, question, isKnown, keepAlive));
        } catch (IllegalArgumentException badEscape) {
            send(
                    ctx,
                    Answer.error(HttpResponseStatus.BAD_REQUEST, "The address has a % without two digits after it"),
                    keepAlive);
        }
    }

    private Optional<Answer> refusal(
            ChannelHandlerContext ctx, FullHttpRequest request, Question question, boolean isKnown) {
        if (check.isRebound(request)) {
            return Optional.of(Answer.error(
                    HttpResponseStatus.FORBIDDEN,
                    "Ask by address or as localhost: the header Host names another host"));
        } else if (!isKnown && !StatusAnswers.isPublic(question)) {
            return Optional.of(Answer.error(
                    HttpResponseStatus.UNAUTHORIZED,
                    "Show a token of the listener's token file: Authorization: Bearer TOKEN"));
        } else if (!question.isDelete() && !request.method().equals(HttpMethod.GET)) {
            return Optional.of(
                    Answer.error(HttpResponseStatus.METHOD_NOT_ALLOWED, "The status can only be read, with GET"));
        } else if (StatusAnswers.isPaced(question) && !pace.admits(ctx.channel().remoteAddress(), System.nanoTime())) {
            return Optional.of(Answer.error(
                    HttpResponseStatus.TOO_MANY_REQUESTS,
                    "More than " + RequestPace.MOST_OF_AN_ADDRESS + " requests of one address, or "
                            + RequestPace.MOST_PER_SECOND + " of all, came in a second: ask less often"));
        }
        return Optional.empty();
    }

    private void answer(ChannelHandlerContext ctx, Question question, boolean isKnown, boolean keepAlive) {
        answer(ctx, keepAlive, () -> {
            long waitMs = question.path().equals(StatusAnswers.EVENTS)
                    ? question.number("wait", 0, LONGEST_WAIT.toMillis())
                    : 0;
            if (waitMs > 0 && answers.hasNoEvents(question)) {
                EventWait wait = new EventWait(
                        ctx.executor(),
                        answers,
                        question,
                        () -> answer(ctx, keepAlive, () -> send(ctx, answers.to(question, isKnown), keepAlive)));
                waiting = wait;
                wait.begin(waitMs);
            } else {
                send(ctx, answers.to(question, isKnown), keepAlive);
            }
        });
    }

    private void answer(ChannelHandlerContext ctx, boolean keepAlive, Runnable answering) {
        try {
            answering.run();
        } catch (Question.MistakeException e) {
            send(ctx, Answer.error(HttpResponseStatus.BAD_REQUEST, String.valueOf(e.getMessage())), keepAlive);
        } catch (RuntimeException e) {
            LOG.error("The status cannot be shown", e);
            send(
                    ctx,
                    Answer.error(
                            HttpResponseStatus.INTERNAL_SERVER_ERROR, "The status cannot be shown; the log says why"),
                    keepAlive);
        }
    }

    private void send(ChannelHandlerContext ctx, Answer answer, boolean keepAlive) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, answer.status(), Unpooled.wrappedBuffer(answer.body()));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
                .setInt(HttpHeaderNames.CONTENT_LENGTH, answer.body().length)
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
                .set("x-content-type-options", "nosniff");
        if (answer.status().equals(HttpResponseStatus.UNAUTHORIZED)) {
            response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        HttpUtil.setKeepAlive(response, keepAlive);
        closeAfter(ctx, patience);
        ctx.writeAndFlush(response).addListener(written -> {
            if (!keepAlive || !written.isSuccess()) {
                ctx.close();
            } else {
                closeAfter(ctx, BETWEEN_REQUESTS);
                ctx.channel().config().setAutoRead(true);
            }
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stopTheClock();
        if (waiting != null) {
            waiting.end();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("A connection to the status has failed", cause);
        ctx.close();
    }
}
