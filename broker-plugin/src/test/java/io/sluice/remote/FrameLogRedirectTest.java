package io.sluice.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.logging.Logger;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.Test;

class FrameLogRedirectTest {

    @Test
    void frames_are_not_logged_even_where_everything_else_is() {
        String grpc = NettyChannelBuilder.class.getPackageName();
        Configurator.setLevel(grpc, Level.TRACE);
        try {
            FrameLogRedirect.keepTokensOut();

            assertThat(FrameLogRedirect.NAMES)
                    .allMatch(name -> name.startsWith(grpc))
                    .noneMatch(name -> InternalLoggerFactory.getInstance(name).isDebugEnabled());
            assertThat(InternalLoggerFactory.getInstance(NettyChannelBuilder.class)
                            .isTraceEnabled())
                    .isTrue();
        } finally {
            Configurator.setLevel(grpc, Level.WARN);
        }
    }

    @Test
    void no_trace_is_written_of_each_call_that_is_one_too_many_on_its_connection() {
        FrameLogRedirect.keepTokensOut();

        assertThat(Logger.getLogger(NettyChannelBuilder.class.getPackageName() + ".NettyServerHandler")
                        .isLoggable(java.util.logging.Level.WARNING))
                .isFalse();
    }
}
