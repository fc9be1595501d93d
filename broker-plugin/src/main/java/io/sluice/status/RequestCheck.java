package io.sluice.status;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.NetUtil;
import io.sluice.tls.Tokens;
import java.util.Optional;

/** Which HTTP requests are allowed: bearer tokens, and protection against DNS rebinding. Thread-safe. */
record RequestCheck(Optional<Tokens> tokens) {

    private static final String SCHEME = "Bearer ";

    /** Whether a request shows a token of the file, or needs none. */
    boolean isKnown(HttpRequest request) {
        if (tokens.isEmpty()) {
            return true;
        }
        String shown = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
        return shown.startsWith(SCHEME)
                && tokens.get().admission(shown.substring(SCHEME.length())).isPresent();
    }

    /**
     * Whether a request may come from a foreign web page: its name server may tell a browser on this machine that this
     * machine is the page's host. If a token is required, such a page has none.
     */
    boolean isRebound(HttpRequest request) {
        return tokens.isEmpty() && !isThisMachine(request.headers().get(HttpHeaderNames.HOST, ""));
    }

    private static boolean isThisMachine(String host) {
        if (host.startsWith("[")) {
            return host.contains("]");
        }
        String name = host.contains(":") ? host.substring(0, host.lastIndexOf(':')) : host;
        return name.isEmpty() || name.equalsIgnoreCase("localhost") || NetUtil.isValidIpV4Address(name);
    }
}
