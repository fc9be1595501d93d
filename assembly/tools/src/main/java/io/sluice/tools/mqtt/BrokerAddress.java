package io.sluice.tools.mqtt;

import io.sluice.tools.ToolException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where an MQTT broker listens.
 *
 * @param port 1 to 65535
 * @param tls whether the connection is encrypted
 * @param webSocketPath the path of its WebSocket, without a slash at the front, if it is one
 */
public record BrokerAddress(String host, int port, boolean tls, Optional<String> webSocketPath) {

    private static final String DEFAULT_PATH = "mqtt";
    private static final int MOST_PORT = 65_535;
    private static final Set<String> TLS = Set.of("mqtts", "ssl", "wss");
    private static final Map<String, Integer> PORTS =
            Map.of("mqtt", 1883, "tcp", 1883, "mqtts", 8883, "ssl", 8883, "ws", 80, "wss", 443);

    /**
     * Reads an address such as {@code mqtt://localhost:1883}, {@code mqtts://HOST}, {@code ws://HOST:PORT/PATH} or {@code
     * wss://…}; {@code tcp} and {@code ssl} say the same as {@code mqtt} and {@code mqtts}.
     *
     * @throws ToolException if it is none
     */
    public static BrokerAddress parse(String address) {
        try {
            URI uri = new URI(address.contains("://") ? address : "mqtt://" + address);
            Integer port = PORTS.get(uri.getScheme());
            boolean portIsOne = uri.getPort() != 0 && uri.getPort() <= MOST_PORT;
            if (uri.getHost() != null && port != null && portIsOne && uri.getUserInfo() == null) {
                String scheme = uri.getScheme();
                String path = uri.getPath().replaceFirst("^/", "");
                return new BrokerAddress(
                        uri.getHost().replaceAll("^\\[|]$", ""),
                        uri.getPort() < 0 ? port : uri.getPort(),
                        TLS.contains(scheme),
                        scheme.startsWith("ws") ? Optional.of(path.isEmpty() ? DEFAULT_PATH : path) : Optional.empty());
            }
            throw none(address);
        } catch (URISyntaxException e) {
            throw none(address);
        }
    }

    private static ToolException none(String address) {
        return ToolException.usage("'" + address.replaceFirst("//[^@/]*@", "//")
                + "' is not a broker's address; write mqtt://HOST:1883, mqtts://HOST:8883, ws://HOST:PORT/mqtt or wss://HOST:PORT/mqtt,"
                + " without a login.");
    }

    @Override
    public String toString() {
        String scheme = webSocketPath.isPresent() ? (tls ? "wss" : "ws") : (tls ? "mqtts" : "mqtt");
        return scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port
                + webSocketPath.map(path -> "/" + path).orElse("");
    }
}
