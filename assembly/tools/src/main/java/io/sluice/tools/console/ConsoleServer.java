package io.sluice.tools.console;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.sluice.thread.DaemonThreads;
import io.sluice.tools.ToolException;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.InstantSource;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A console that runs: an HTTP server, the page, and what the page may ask and order. Thread-safe. */
public final class ConsoleServer implements AutoCloseable {

    /** Requests at a time. Event streams have a smaller limit. */
    private static final int MOST_THREADS = 96;

    private static final String SECONDS_FOR_A_REQUEST = "15";

    static {
        // Read once, when the first server of this process starts.
        System.setProperty("sun.net.httpserver.maxReqTime", SECONDS_FOR_A_REQUEST);
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final Api api;
    private final Logins logins;
    private final String address;
    private final boolean withToken;

    /**
     * Starts a console.
     *
     * @param version of the program, which the page shows
     * @throws ToolException if it cannot listen, or its key store cannot be used
     */
    public ConsoleServer(ConsoleSetup setup, Places places, String version) {
        this.server = open(setup);
        this.threads = new ThreadPoolExecutor(
                0, MOST_THREADS, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), new DaemonThreads("console"));
        int port = server.getAddress().getPort();
        this.logins = new Logins(InstantSource.system());
        this.api = new Api(places, setup.readOnly(), version);
        this.withToken = setup.passwords().isEmpty();
        this.address = (setup.secure() ? "https://" : "http://") + setup.host() + ":" + port + "/";
        server.createContext("/", new Guard(logins, setup, port, api));
        server.setExecutor(threads);
        server.start();
    }

    private static HttpServer open(ConsoleSetup setup) {
        try {
            if (setup.keyStore().isEmpty()) {
                return HttpServer.create(setup.address(), 0);
            }
            HttpsServer server = HttpsServer.create(setup.address(), 0);
            server.setHttpsConfigurator(
                    new HttpsConfigurator(tls(setup.keyStore().get(), setup.keyStorePassword())));
            return server;
        } catch (BindException e) {
            throw ToolException.failed(
                    "The console cannot listen on " + setup.host() + ":"
                            + setup.address().getPort() + ": " + e.getMessage() + "; --port takes another port.",
                    e);
        } catch (IOException e) {
            throw ToolException.failed("The console cannot listen: " + e, e);
        }
    }

    private static SSLContext tls(Path file, String password) throws IOException {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(KeyStore.getInstance(file.toFile(), password.toCharArray()), password.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw ToolException.usage("The key store " + file + " cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * Where it is: an address that lets in whoever opens it first, unless there is a password file. Each call makes
     * another one, and ends the one before.
     */
    public String newAddress() {
        return withToken ? address + "?token=" + logins.newToken() : address;
    }

    @Override
    public void close() {
        server.stop(0);
        api.close();
        threads.shutdownNow();
    }
}
