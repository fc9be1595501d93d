package io.sluice.tools.doctor;

import io.sluice.tls.SocketUri;
import io.sluice.tools.Connector;
import io.sluice.tools.Shell;
import io.sluice.tools.doctor.Findings.Matter;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Goes through what the product's page on security asks of a listener that other machines reach. It knows a connector's
 * configuration and, on the worker's machine, the files that it names; a connector whose brokers run elsewhere does not say
 * how these are configured.
 */
public final class HardeningExam {

    private static final String LISTENERS = "broker.listeners";
    private static final String ANONYMOUS = "broker.allow.anonymous";
    private static final String PASSWORDS = "broker.password.file";
    private static final String RULES = "broker.acl.file";
    private static final String TOKENS = "broker.jwt.jwks";
    private static final String CLIENT_AUTH = "broker.ssl.client.auth";
    private static final String KEY_STORE = "broker.ssl.keystore.location";
    private static final String TRUST_STORE = "broker.ssl.truststore.location";
    private static final String REVOCATION_LISTS = "broker.ssl.crl.location";
    private static final String STATUS = "status.listener";
    private static final String STATUS_TOKENS = "status.token.file";
    private static final String STATUS_KEYS = "status.ssl.keystore.location";
    private static final String CONNECTS_DEFAULT = "http://:8083";
    private static final String PAGE = "See security.md, \"A listener on the Internet\".";

    private static final Pattern UNENCRYPTED = Pattern.compile("(?:tcp|ws):", Pattern.CASE_INSENSITIVE);
    private static final Pattern UNSALTED = Pattern.compile(".*:[0-9a-fA-F]{64}\\s*");
    private static final Set<PosixFilePermission> WRITABLE_BY_OTHERS =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private final boolean isHere;
    private final Findings findings;

    /**
     * @param isHere whether this runs on the worker's machine
     * @param findings take what is found
     */
    public HardeningExam(boolean isHere, Findings findings) {
        this.isHere = isHere;
        this.findings = findings;
    }

    /**
     * Looks at how the worker itself can be reached.
     *
     * @param worker where it was asked; it may listen elsewhere too
     * @param file its own configuration, which says where it listens
     */
    public void worker(URI worker, Optional<WorkerFile> file) {
        Matter about = findings.about("worker");
        String listeners = file.map(known -> known.setting("listeners").orElse(CONNECTS_DEFAULT))
                .orElse(worker.toString());
        listeners(listeners)
                .filter(HardeningExam::isReached)
                .filter(listener -> listener.regionMatches(true, 0, "http:", 0, "http:".length()))
                .forEach(listener -> about.advice(
                        listener + " is not encrypted, and whoever reaches it may do what the worker may.",
                        "Let its REST interface listen with TLS and a login, or on a network that no device reaches."));
    }

    /** Looks at the listeners of a connector, if other machines reach any, and at who may do what there. */
    public void connector(Connector connector) {
        Keys keys = new Keys(connector.config());
        Matter about = findings.about(connector.name());
        status(about, keys);
        if (keys.is("broker.mode", "remote")) {
            about.unknown("How its brokers are secured is in their files, and not seen from here.", PAGE);
            return;
        }
        List<String> reached = listeners(keys.given(LISTENERS).orElse("tcp://127.0.0.1:1883"))
                .filter(HardeningExam::isReached)
                .toList();
        if (reached.isEmpty()) {
            about.good("No other machine reaches its listeners.");
            return;
        }
        reached.stream()
                .filter(listener -> UNENCRYPTED.matcher(listener).lookingAt())
                .forEach(listener -> about.advice(
                        listener + " is not encrypted: passwords, tokens and messages can be read on the way.",
                        "Make it an ssl:// or wss:// listener."));
        users(about, keys);
        certificates(about, keys);
        rules(about, keys);
        amounts(about, keys);
        files(about, keys, List.of(PASSWORDS, RULES, TOKENS, KEY_STORE, TRUST_STORE, REVOCATION_LISTS));
        about.unknown(
                "Whether anybody subscribes, whether sluice-turned-away-connections-total and the other counts of refusals raise"
                        + " an alert, and who reads the log io.sluice.audit, is not seen from here.",
                PAGE);
    }

    static Stream<String> listeners(String all) {
        return Stream.of(all.split(",", -1)).map(String::strip).filter(listener -> !listener.isEmpty());
    }

    /** Whether other machines reach a listener; one without a host listens everywhere. */
    private static boolean isReached(String listener) {
        try {
            String host = URI.create(listener).getHost();
            return host == null || !SocketUri.isLoopback(host);
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    private void users(Matter about, Keys keys) {
        if (keys.is(ANONYMOUS, "true")) {
            about.advice(
                    ANONYMOUS + "=true lets everybody in.",
                    "Leave it out, and set " + PASSWORDS + ", " + TOKENS + " or " + CLIENT_AUTH + "=required.");
        }
        List<String> missing = keys.missing("broker.jwt.issuer", "broker.jwt.audience");
        if (keys.given(TOKENS).isPresent() && !missing.isEmpty()) {
            about.advice(
                    "A token that was issued for another service lets its holder in.",
                    "Set " + String.join(" and ", missing) + ".");
        }
        if (lines(keys, PASSWORDS).stream()
                .anyMatch(line -> UNSALTED.matcher(line).matches())) {
            about.advice(
                    keys.given(PASSWORDS).orElse("") + " has passwords as SHA-256 without salt.",
                    "Make them anew with mosquitto_passwd or bcrypt.");
        }
    }

    private void certificates(Matter about, Keys keys) {
        if (!keys.is(CLIENT_AUTH, "required") && !keys.is(CLIENT_AUTH, "requested")) {
            return;
        }
        if (keys.isNone("broker.ssl.principal")) {
            about.advice(
                    "A device's certificate does not say who the device is.",
                    "Set broker.ssl.principal, so that it gives the user name.");
        }
        if (keys.given(REVOCATION_LISTS).isEmpty() && keys.isNone("broker.ssl.ocsp")) {
            about.advice(
                    "A certificate that its issuer has revoked lets its device in.",
                    "Set " + REVOCATION_LISTS + " or broker.ssl.ocsp.");
        }
    }

    private void rules(Matter about, Keys keys) {
        if (keys.given(RULES).isEmpty()
                && keys.given("broker.jwt.claim.publish").isEmpty()) {
            about.advice(
                    "Every device may publish and subscribe to every topic.",
                    "Set " + RULES + ", with `pattern write devices/%u/#` or narrower.");
        }
        if (keys.given("broker.client.id.pattern").isEmpty()
                && lines(keys, RULES).stream().anyMatch(line -> !line.startsWith("#") && line.contains("%c"))) {
            about.advice(
                    keys.given(RULES).orElse("") + " gives rights by client id (%c), which a device only claims.",
                    "Use %u, or set broker.client.id.pattern={username}-.*");
        }
    }

    private void amounts(Matter about, Keys keys) {
        List<String> missing = keys.missing("broker.connections.max", "broker.max.message.bytes");
        if (!missing.isEmpty()) {
            about.advice(
                    String.join(" and ", missing) + " have their defaults, which suit any fleet.",
                    "Set them near what yours needs.");
        }
        if (keys.given("broker.publish.rate.max.per.client").isEmpty()
                && keys.given("broker.publish.bytes.rate.max.per.client").isEmpty()) {
            about.advice(
                    "A device may publish as much as the broker takes.",
                    "Set broker.publish.rate.max.per.client a little above what one publishes.");
        }
    }

    /** Whoever reads the status knows the names of clients, users and topics, also of brokers that run elsewhere. */
    private void status(Matter about, Keys keys) {
        Optional<String> reached = keys.given(STATUS)
                .filter(listener -> !listener.startsWith("${"))
                .filter(HardeningExam::isReached);
        if (reached.isPresent()) {
            boolean isEncrypted = reached.get().regionMatches(true, 0, "https:", 0, "https:".length());
            String sentence = STATUS + " is " + reached.get() + ", which other machines reach";
            if (!isEncrypted || keys.given(STATUS_TOKENS).isEmpty()) {
                about.wrong(
                        sentence + (isEncrypted ? ", and nobody needs a token." : ", and it is not encrypted."),
                        "Make it an https:// listener, and set " + STATUS_TOKENS + ".");
            } else {
                about.advice(sentence + ".", "See that it is on a network that no device reaches.");
            }
        }
        files(about, keys, List.of(STATUS_TOKENS, STATUS_KEYS));
    }

    private void files(Matter about, Keys keys, List<String> named) {
        List<String> unseen = new ArrayList<>();
        for (String key : named) {
            Optional<Path> file = keys.file(key);
            if (file.isEmpty()) {
                keys.place(key).ifPresent(unseen::add);
                continue;
            }
            try {
                Set<PosixFilePermission> permissions = isHere ? Files.getPosixFilePermissions(file.get()) : Set.of();
                if (!isHere) {
                    unseen.add(file.get().toString());
                } else if (permissions.stream().anyMatch(WRITABLE_BY_OTHERS::contains)) {
                    about.wrong(
                            "Users other than its owner can write " + file.get() + ", and so decide who may do what.",
                            "chmod go-w " + Shell.quoted(file.get().toString()));
                } else if (!key.equals(REVOCATION_LISTS) && permissions.contains(PosixFilePermission.OTHERS_READ)) {
                    about.advice(
                            file.get() + " can be read by everybody on the machine.",
                            "chmod o-r " + Shell.quoted(file.get().toString()));
                }
            } catch (IOException | UnsupportedOperationException e) {
                unseen.add(file.get().toString());
            }
        }
        if (!unseen.isEmpty()) {
            about.unknown(
                    "Who may read and write " + String.join(", ", unseen) + " is not seen from here.",
                    "Only the worker's user should read them, and only you write them.");
        }
    }

    /** The lines of a file that a key names; none if it cannot be read from here. */
    private List<String> lines(Keys keys, String key) {
        Optional<Path> file = keys.file(key).filter(path -> isHere && Files.isReadable(path));
        try {
            return file.isPresent() ? Files.readAllLines(file.get(), StandardCharsets.ISO_8859_1) : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** A connector's settings; what only the worker can look up is set, and nobody knows to what. */
    private record Keys(Map<String, String> config) {

        Optional<String> given(String key) {
            return Optional.ofNullable(config.get(key)).map(String::strip).filter(value -> !value.isEmpty());
        }

        boolean is(String key, String value) {
            return given(key).filter(value::equalsIgnoreCase).isPresent();
        }

        boolean isNone(String key) {
            return given(key).isEmpty() || is(key, "none");
        }

        List<String> missing(String... wanted) {
            return Stream.of(wanted).filter(key -> given(key).isEmpty()).toList();
        }

        /** Where a file is. */
        Optional<String> place(String key) {
            return given(key).filter(value -> !value.startsWith("${") && !value.contains("://"));
        }

        /** The same; empty also if it is no path on this machine. */
        Optional<Path> file(String key) {
            try {
                return place(key).map(Path::of);
            } catch (InvalidPathException e) {
                return Optional.empty();
            }
        }
    }
}
