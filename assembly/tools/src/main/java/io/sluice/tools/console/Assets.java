package io.sluice.tools.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** The files of the page, from the class path: its own, and those of the libraries that it uses. Thread-safe. */
final class Assets {

    private static final Pattern OWN = Pattern.compile("/[a-z][a-z-]*\\.(html|css|js|svg)");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");
    private static final Map<String, String> LIBRARIES = Map.of(
            "/lib/lit-html.js", webjar("lit-html", "lit-html.js"),
            "/lib/uplot.js", webjar("uplot", "dist/uPlot.iife.min.js"),
            "/lib/uplot.css", webjar("uplot", "dist/uPlot.min.css"));

    private final Map<String, Asset> read = new ConcurrentHashMap<>();

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Asset(byte[] plain, byte[] compressed, String tag, String type) {}

    void answer(Call call) throws IOException {
        String path = call.path().equals("/") ? "/index.html" : call.path();
        Asset asset = find(path).orElseThrow(() -> new CallRefused(404, "There is no " + path + "."));
        call.answerHeaders().set("ETag", asset.tag());
        call.answerHeaders().set("Cache-Control", "no-cache");
        call.answerHeaders().set("Vary", "Accept-Encoding");
        if (call.header("If-None-Match").filter(asset.tag()::equals).isPresent()) {
            call.answer(304, new byte[0]);
            return;
        }
        call.answerHeaders().set("Content-Type", asset.type());
        boolean gzip = call.takesGzip();
        if (gzip) {
            call.answerHeaders().set("Content-Encoding", "gzip");
        }
        call.answer(200, gzip ? asset.compressed() : asset.plain());
    }

    private Optional<Asset> find(String path) {
        Optional<String> resource = Optional.ofNullable(LIBRARIES.get(path))
                .or(() -> OWN.matcher(path).matches()
                        ? Optional.of("/io/sluice/tools/console" + path)
                        : Optional.empty());
        return resource.flatMap(name -> Optional.ofNullable(read.computeIfAbsent(path, key -> read(path, name))));
    }

    private static @Nullable Asset read(String path, String resource) {
        try (InputStream in = Assets.class.getResourceAsStream(resource)) {
            if (in == null) {
                return null;
            }
            byte[] plain = in.readAllBytes();
            CRC32 sum = new CRC32();
            sum.update(plain);
            String type = TYPES.getOrDefault(path.substring(path.lastIndexOf('.') + 1), "application/octet-stream");
            return new Asset(plain, Call.gzip(plain), "\"" + Long.toHexString(sum.getValue()) + "\"", type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String webjar(String name, String file) {
        String origin = "/META-INF/maven/org.webjars.npm/" + name + "/pom.properties";
        try (InputStream in = Assets.class.getResourceAsStream(origin)) {
            Properties properties = new Properties();
            properties.load(Objects.requireNonNull(in, origin));
            return "/META-INF/resources/webjars/" + name + "/" + properties.getProperty("version") + "/" + file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
