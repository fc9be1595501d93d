package io.sluice.remote;

import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.util.internal.logging.InternalLogger;
import io.grpc.netty.shaded.io.netty.util.internal.logging.InternalLoggerFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.JdkLoggerFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.Slf4JLoggerFactory;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps the token out of the log. At level DEBUG gRPC writes each frame that it sends or receives, with all headers, and
 * the token is one: these loggers go where gRPC's own messages go (java.util.logging) instead, where it is off unless
 * somebody asks for it by name.
 */
final class FrameLogRedirect extends InternalLoggerFactory {

    private static final String GRPC = NettyChannelBuilder.class.getPackageName();

    /** The loggers of frames, on either side. */
    static final Set<String> NAMES = Set.of(GRPC + ".NettyClientHandler", GRPC + ".NettyServerHandler");

    /** Held here, since otherwise its level is forgotten. */
    private static final Logger CALLS = Logger.getLogger(GRPC + ".NettyServerHandler");

    private FrameLogRedirect() {}

    /**
     * To be called before anything is sent or received. It also quietens the warning, with a trace, that gRPC writes of each
     * call that is one too many on its connection: whoever opens such calls would fill the log.
     */
    static void keepTokensOut() {
        if (CALLS.getLevel() == null) {
            CALLS.setLevel(Level.SEVERE);
        }
        InternalLoggerFactory.setDefaultFactory(new FrameLogRedirect());
    }

    @Override
    protected InternalLogger newInstance(String name) {
        return NAMES.contains(name)
                ? ((JdkLoggerFactory) JdkLoggerFactory.INSTANCE).newInstance(name)
                : ((Slf4JLoggerFactory) Slf4JLoggerFactory.INSTANCE).newInstance(name);
    }
}
