package io.sluice.tools.console;

import io.sluice.tools.ToolException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * How a console listens, and what it lets people do.
 *
 * @param address where it listens; port 0 takes a free one
 * @param names host names under which browsers reach it, besides its address
 * @param keyStore key and certificate for TLS (PKCS#12)
 * @param keyStorePassword its password
 * @param passwords who may log in, in place of whoever has the token
 * @param readOnly whether it refuses whatever changes something
 */
public record ConsoleSetup(
        InetSocketAddress address,
        List<String> names,
        Optional<Path> keyStore,
        String keyStorePassword,
        Optional<Passwords> passwords,
        boolean readOnly) {

    public ConsoleSetup {
        if (address.isUnresolved()) {
            throw ToolException.usage("The host " + address.getHostString() + " is not known.");
        }
        if (!address.getAddress().isLoopbackAddress() && (keyStore.isEmpty() || passwords.isEmpty())) {
            throw ToolException.usage("Beyond this machine (" + address.getHostString()
                    + ") the console needs --tls-keystore and --password-file.");
        }
    }

    boolean secure() {
        return keyStore.isPresent();
    }

    /** What browsers may call it in their Host header. */
    Set<String> hosts(int port) {
        Set<String> all = new HashSet<>(names);
        if (address.getAddress().isLoopbackAddress()) {
            all.addAll(List.of("localhost", "127.0.0.1", "[::1]"));
        }
        if (!address.getAddress().isAnyLocalAddress()) {
            all.add(host());
        }
        Set<String> hosts = new HashSet<>();
        for (String name : all) {
            String host = name.toLowerCase(Locale.ROOT);
            hosts.add(host + ":" + port);
            if (port == (secure() ? 443 : 80)) {
                hosts.add(host);
            }
        }
        return hosts;
    }

    /** The host to print. */
    String host() {
        String host = names.isEmpty() ? address.getHostString() : names.get(0);
        return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    }
}
