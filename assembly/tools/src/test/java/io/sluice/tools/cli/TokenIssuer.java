package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/** An identity provider with one client: who has its credentials gets a token (RFC 6749, section 4.4; RFC 7519). */
final class TokenIssuer implements AutoCloseable {

    static final String CLIENT = "sluice-client";
    static final String SECRET = "secret-of-the-client";

    private static final String KEY = "key-1";

    private final HttpServer server;
    private final KeyPair keys;

    private TokenIssuer(HttpServer server, KeyPair keys) {
        this.server = server;
        this.keys = keys;
    }

    static TokenIssuer start() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            TokenIssuer issuer = new TokenIssuer(server, generator.generateKeyPair());
            server.createContext("/token", issuer::answer);
            server.start();
            return issuer;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("no tokens can be issued", e);
        }
    }

    /** Where tokens are asked for. */
    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/token";
    }

    /** Writes the public key for those who check tokens (RFC 7517). */
    Path writeKeys(Path file) {
        RSAPublicKey key = (RSAPublicKey) keys.getPublic();
        try {
            return Files.writeString(file, keySet(key));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String keySet(RSAPublicKey key) {
        return "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"" + KEY + "\",\"n\":\""
                + number(key.getModulus()) + "\",\"e\":\"" + number(key.getPublicExponent()) + "\"}]}";
    }

    private static String number(BigInteger number) {
        byte[] bytes = number.toByteArray();
        int sign = bytes[0] == 0 ? 1 : 0;
        return encode(Arrays.copyOfRange(bytes, sign, bytes.length));
    }

    private void answer(HttpExchange exchange) throws IOException {
        String login = "Basic " + Base64.getEncoder().encodeToString((CLIENT + ":" + SECRET).getBytes(UTF_8));
        exchange.getRequestBody().readAllBytes();
        boolean known = login.equals(exchange.getRequestHeaders().getFirst("Authorization"));
        byte[] body =
                (known ? "{\"access_token\":\"" + token() + "\"}" : "{\"error\":\"invalid_client\"}").getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(known ? 200 : 401, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private String token() {
        long now = Instant.now().getEpochSecond();
        String claims = "{\"sub\":\"sluice\",\"aud\":\"kafka\",\"scope\":\"kafka\",\"iat\":" + now + ",\"exp\":"
                + (now + 3_600) + "}";
        String signed = encode(("{\"alg\":\"RS256\",\"kid\":\"" + KEY + "\"}").getBytes(UTF_8)) + "."
                + encode(claims.getBytes(UTF_8));
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(keys.getPrivate());
            signature.update(signed.getBytes(UTF_8));
            return signed + "." + encode(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
