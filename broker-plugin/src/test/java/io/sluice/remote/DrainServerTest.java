package io.sluice.remote;

import static io.sluice.remote.Served.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.sluice.LoggedEvents;
import io.sluice.broker.TestKeys;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.ConsumerStats;
import io.sluice.buffer.record.BufferException;
import io.sluice.file.FaultyFolder;
import io.sluice.remote.DrainStats.Refusal;
import io.sluice.remote.wire.Attach;
import io.sluice.remote.wire.DescribeRequest;
import io.sluice.remote.wire.DrainGrpc;
import io.sluice.remote.wire.FromBroker;
import io.sluice.remote.wire.FromWorker;
import io.sluice.remote.wire.Seek;
import io.sluice.remote.wire.Take;
import io.sluice.remote.wire.Versions;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import io.sluice.tls.TlsConfig.Secret;
import io.sluice.tls.TlsConfig.Store;
import io.sluice.tls.TlsTerms;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in, and who is not. */
class DrainServerTest {

    private static final Secret PASSWORD = new Secret(TestKeys.PASSWORD);
    private static final Secret TOKEN = new Secret("a-token-of-the-workers");

    @TempDir
    static Path dir;

    private SharedBuffer buffer;

    @BeforeAll
    static void makeKeys() throws Exception {
        TestKeys keys = new TestKeys(dir);
        for (String name : List.of("broker", "worker", "stranger")) {
            keys.make(name);
            trust(name);
        }
    }

    /** A store of whoever trusts a certificate. */
    private static void trust(String name) throws GeneralSecurityException, IOException {
        KeyStore keys = KeyStore.getInstance(
                store(name).file().toFile(), PASSWORD.value().toCharArray());
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry(name, keys.getCertificate(name));
        try (OutputStream out = Files.newOutputStream(store(name + "-trust").file())) {
            trust.store(out, PASSWORD.value().toCharArray());
        }
    }

    @BeforeEach
    void open() {
        buffer = SharedBuffer.open(
                new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 1 << 16, Duration.ZERO, Duration.ZERO));
    }

    @AfterEach
    void close() {
        buffer.close();
    }

    private static Store store(String name) {
        return new Store(dir.resolve(name + ".p12"), "PKCS12", PASSWORD);
    }

    private DrainServer serve(boolean encrypted, ClientAuth clientAuth, Optional<Path> tokens) {
        TlsConfig tls = new TlsConfig(
                store("broker"),
                Optional.empty(),
                Optional.of(store("worker-trust")).filter(store -> clientAuth != ClientAuth.NONE),
                clientAuth);
        return DrainServer.start(
                buffer,
                new DrainConfig(
                        new BufferEndpoint(encrypted, "127.0.0.1", 0),
                        Optional.of(tls).filter(config -> encrypted),
                        tokens));
    }

    private static BufferCredentials credentials(
            Optional<String> keys, Optional<String> trust, Optional<Secret> token) {
        return new BufferCredentials(
                keys.map(DrainServerTest::store),
                Optional.empty(),
                trust.map(DrainServerTest::store),
                TlsTerms.SAFE,
                token);
    }

    private static void attach(DrainServer server, BufferCredentials credentials) {
        RemoteAttachment.attach(server.endpoint(), credentials, TestMessages.spec("c"))
                .close();
    }

    private static long refused(DrainServer server, Refusal reason) {
        return server.stats().refused().getOrDefault(reason, -1L);
    }

    @Test
    void a_token_that_the_broker_does_not_know_is_refused_and_counted_each_time() throws Exception {
        Path tokens = Files.writeString(dir.resolve("tokens"), "# of the workers\n" + TOKEN.value() + "\n");
        try (DrainServer server = serve(false, ClientAuth.NONE, Optional.of(tokens))) {
            attach(server, credentials(Optional.empty(), Optional.empty(), Optional.of(TOKEN)));
            BufferCredentials wrong = credentials(
                    Optional.empty(), Optional.empty(), Optional.of(new Secret("another-token-altogether")));
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> attach(server, wrong))
                        .isInstanceOf(BufferException.class)
                        .isNotInstanceOf(BufferUnreachableException.class)
                        .hasMessageContaining("does not let this worker in: it shows a token that the broker does not")
                        .hasMessageNotContaining("altogether");
            }
            assertThatThrownBy(() -> attach(server, BufferCredentials.NONE)).hasMessageContaining("it shows no token");
            assertThat(refused(server, Refusal.TOKEN)).isEqualTo(4);
            assertThat(buffer.stats().consumers()).hasSize(1);
            assertThat(wrong.toString()).doesNotContain("altogether");
        }
    }

    @Test
    void tokens_are_read_again_when_their_file_changes() throws Exception {
        Path tokens = Files.writeString(dir.resolve("changing"), TOKEN.value());
        try (DrainServer server = serve(false, ClientAuth.NONE, Optional.of(tokens))) {
            Secret next = new Secret("the-token-of-tomorrow");
            Files.writeString(tokens, next.value());
            Files.setLastModifiedTime(tokens, FileTime.fromMillis(System.currentTimeMillis() + 10_000));
            awaitAttach(server, next);
            assertThatThrownBy(
                            () -> attach(server, credentials(Optional.empty(), Optional.empty(), Optional.of(TOKEN))))
                    .hasMessageContaining("does not let this worker in");
        }
    }

    @Test
    void a_token_that_is_taken_out_ends_the_attachments_that_were_made_with_it() throws Exception {
        Secret next = new Secret("the-token-of-tomorrow");
        Path tokens = Files.writeString(dir.resolve("two"), TOKEN.value() + "\n" + next.value() + "\n");
        try (DrainServer server = serve(false, ClientAuth.NONE, Optional.of(tokens));
                RemoteAttachment old = reader(server, TOKEN);
                RemoteAttachment renewed = reader(server, next)) {
            Files.writeString(tokens, next.value() + "\n");
            await().untilAsserted(() -> assertThatThrownBy(() -> old.read(1, 1, Duration.ZERO))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining("its token was taken out"));
            TestMessages.append(buffer, TestMessages.message("m")).awaitSafe();
            assertThat(Served.read(renewed, 1)).hasSize(1);
        }
    }

    @Test
    void a_token_that_is_taken_out_ends_an_attachment_also_if_it_asks_for_nothing() throws Exception {
        Secret next = new Secret("the-token-of-tomorrow");
        Path tokens = Files.writeString(dir.resolve("idle"), TOKEN.value() + "\n" + next.value() + "\n");
        try (DrainServer server = serve(false, ClientAuth.NONE, Optional.of(tokens));
                RemoteAttachment old = reader(server, TOKEN)) {
            int batch = 140_000;
            TestMessages.appendAll(buffer, Collections.nCopies(6, TestMessages.message("d", "t", new byte[batch])));
            await().during(Duration.ofMillis(500)).until(() -> server.stats().sentBytes() > 3L * batch);
            Files.writeString(tokens, next.value() + "\n");
            await().until(() -> !old.connection().connected());
            assertThatThrownBy(() -> old.read(1, 1, Duration.ZERO)).hasMessageContaining("its token was taken out");
            assertThat(server.stats().attached()).isZero();
        }
    }

    @Test
    void connections_of_a_token_that_is_taken_out_give_their_places_to_workers() throws Exception {
        Secret next = new Secret("the-token-of-tomorrow");
        Path tokens = Files.writeString(dir.resolve("places"), TOKEN.value() + "\n" + next.value() + "\n");
        List<ManagedChannel> old = new ArrayList<>();
        try (DrainServer server = serve(false, ClientAuth.NONE, Optional.of(tokens));
                RemoteAttachment ends = reader(server, TOKEN)) {
            Metadata shown = new Metadata();
            shown.put(TokenCheck.AUTHORIZATION, TokenCheck.SCHEME + TOKEN.value());
            for (int i = 0; i < 511; i++) {
                ManagedChannel channel = channel(server);
                old.add(channel);
                assertThat(DrainGrpc.newBlockingStub(channel)
                                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(shown))
                                .describe(DescribeRequest.newBuilder()
                                        .setVersions(Wire.versions())
                                        .build())
                                .getBufferId())
                        .isEqualTo(buffer.id());
            }
            BufferCredentials worker = credentials(Optional.empty(), Optional.empty(), Optional.of(next));
            assertThatThrownBy(() -> attach(server, worker)).isInstanceOf(BufferUnreachableException.class);

            Files.writeString(tokens, next.value() + "\n");
            await().until(() -> !ends.connection().connected());

            try (RemoteAttachment inItsPlace = reader(server, next)) {
                attach(server, worker);
                assertThat(inItsPlace.connection().connected()).isTrue();
            }
        } finally {
            old.forEach(ManagedChannel::shutdownNow);
        }
    }

    @Test
    void a_stranger_who_opens_calls_and_reads_no_answer_is_closed_and_costs_no_memory() throws Exception {
        Path tokens = Files.writeString(dir.resolve("tokens-for-calls"), TOKEN.value());
        try (DrainServer server = serve(false, ClientAuth.NONE, Optional.of(tokens));
                Socket stranger = new Socket()) {
            stranger.setReceiveBufferSize(1 << 10);
            stranger.connect(new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), server.endpoint().port()));
            byte[] calls = calls(20_000);
            assertThatThrownBy(() -> {
                        for (long end = System.nanoTime() + PATIENCE.toNanos(); System.nanoTime() < end; ) {
                            stranger.getOutputStream().write(calls);
                        }
                    })
                    .as("what it says when it is closed")
                    .isInstanceOf(SocketException.class);
            assertThat(refused(server, Refusal.TOKEN)).isBetween(1L, 100L);
            attach(server, credentials(Optional.empty(), Optional.empty(), Optional.of(TOKEN)));
        }
    }

    /** What somebody sends over HTTP/2 who makes calls with a wrong token. */
    private static byte[] calls(int count) {
        ByteArrayOutputStream headers = new ByteArrayOutputStream();
        Map<String, String> texts = new TreeMap<>(Map.of(
                ":authority", "x",
                ":method", "POST",
                ":path", "/sluice.drain.Drain/Attach",
                ":scheme", "http",
                "authorization", "Bearer another-token-altogether",
                "content-type", "application/grpc",
                "te", "trailers"));
        texts.forEach((name, value) -> {
            headers.write(0);
            headers.write(name.length());
            headers.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
            headers.write(value.length());
            headers.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
        });
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        sent.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        sent.writeBytes(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0}); // no settings
        for (int i = 0; i < count; i++) {
            sent.writeBytes(ByteBuffer.allocate(9)
                    .putInt(headers.size() << 8 | 1) // a frame of headers
                    .put((byte) 4) // all of them
                    .putInt(2 * i + 1)
                    .array());
            sent.writeBytes(headers.toByteArray());
        }
        return sent.toByteArray();
    }

    private static RemoteAttachment reader(DrainServer server, Secret token) {
        RemoteAttachment reader = RemoteAttachment.attach(
                server.endpoint(),
                credentials(Optional.empty(), Optional.empty(), Optional.of(token)),
                TestMessages.spec("c-" + token.value()));
        reader.seek(reader.acknowledged());
        return reader;
    }

    @Test
    void a_token_with_a_name_lets_in_the_connector_of_that_name_alone() throws Exception {
        Path tokens = Files.writeString(dir.resolve("named"), "my connector\t" + TOKEN.value() + "\n");
        try (DrainServer server = serve(false, ClientAuth.NONE, Optional.of(tokens))) {
            BufferCredentials credentials = credentials(Optional.empty(), Optional.empty(), Optional.of(TOKEN));
            RemoteAttachment.attach(server.endpoint(), credentials, TestMessages.spec("my connector"))
                    .close();
            assertThatThrownBy(
                            () -> RemoteAttachment.attach(server.endpoint(), credentials, TestMessages.spec("another")))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining(
                            "does not let this worker in: it shows a token that lets another connector in");
            assertThat(refused(server, Refusal.TOKEN)).isEqualTo(1);
            assertThat(buffer.stats().consumers())
                    .extracting(ConsumerStats::name)
                    .doesNotContain("another");
        }
    }

    @Test
    void tokens_that_were_read_while_somebody_wrote_them_are_read_again_when_they_are_complete() throws Exception {
        Secret next = new Secret(TOKEN.value().toUpperCase(Locale.ROOT));
        Path tokens = Files.writeString(dir.resolve("written"), TOKEN.value());
        FileTime coarse = Files.getLastModifiedTime(tokens);
        try (DrainServer server = serve(false, ClientAuth.NONE, Optional.of(tokens))) {
            Files.writeString(tokens, next.value());
            Files.setLastModifiedTime(tokens, coarse);
            awaitAttach(server, next);
        }
    }

    private static void awaitAttach(DrainServer server, Secret token) {
        await().ignoreExceptionsInstanceOf(BufferException.class).until(() -> {
            attach(server, credentials(Optional.empty(), Optional.empty(), Optional.of(token)));
            return true;
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void strangers_keep_no_worker_out_end_no_attachment_and_are_closed(boolean encrypted) throws Exception {
        Path tokens = Files.writeString(dir.resolve("tokens-of-workers"), TOKEN.value());
        BufferCredentials worker = credentials(
                Optional.empty(), Optional.of("broker-trust").filter(trust -> encrypted), Optional.of(TOKEN));
        List<Socket> strangers = new ArrayList<>();
        try (DrainServer server = serve(encrypted, ClientAuth.NONE, Optional.of(tokens));
                RemoteAttachment attached =
                        RemoteAttachment.attach(server.endpoint(), worker, TestMessages.spec("before"))) {
            for (int i = 0; i < 1_200; i++) {
                strangers.add(new Socket(
                        InetAddress.getLoopbackAddress(),
                        server.endpoint().port(),
                        InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) (2 + i % 2)}),
                        0));
            }

            attach(server, worker);

            attached.seek(attached.acknowledged());
            assertThat(attached.read(1, 1, Duration.ZERO).messages()).isEmpty();
            assertThat(server.stats().attached()).isEqualTo(1);
            // Each took the place of an older one, as far as there was one.
            for (Socket stranger : strangers.subList(0, 1_200 - 1_024)) {
                assertEnds(stranger);
            }
        } finally {
            for (Socket stranger : strangers) {
                stranger.close();
            }
        }
    }

    /** Says that the listener closes a connection, whatever it sends before. */
    private static void assertEnds(Socket stranger) throws IOException {
        stranger.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
        try {
            stranger.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
    }

    @Test
    void a_token_that_can_be_guessed_is_none() throws Exception {
        Path tokens = Files.writeString(dir.resolve("weak"), "secret\n");
        assertThatThrownBy(() -> serve(false, ClientAuth.NONE, Optional.of(tokens)))
                .isInstanceOf(BufferException.class)
                .hasMessageContaining("sluice.drain.token.file")
                .hasMessageContaining("16 characters")
                .hasMessageNotContaining("secret");
    }

    @Test
    void certificates_say_who_is_let_in() {
        try (DrainServer server = serve(true, ClientAuth.REQUIRED, Optional.empty())) {
            attach(server, credentials(Optional.of("worker"), Optional.of("broker-trust"), Optional.empty()));
            assertThat(refused(server, Refusal.TLS)).isZero();
            assertThatThrownBy(() -> attach(
                            server,
                            credentials(Optional.of("stranger"), Optional.of("broker-trust"), Optional.empty())))
                    .isInstanceOf(BufferException.class);
            assertThatThrownBy(() -> attach(
                            server, credentials(Optional.empty(), Optional.of("broker-trust"), Optional.empty())))
                    .isInstanceOf(BufferException.class);
            await().atMost(PATIENCE).until(() -> refused(server, Refusal.TLS) == 2);
            assertThat(buffer.stats().consumers()).hasSize(1);
        }
    }

    @Test
    void a_worker_does_not_talk_to_a_broker_that_it_does_not_trust() {
        try (DrainServer server = serve(true, ClientAuth.NONE, Optional.empty())) {
            attach(server, credentials(Optional.empty(), Optional.of("broker-trust"), Optional.empty()));
            assertThatThrownBy(() -> attach(
                            server, credentials(Optional.empty(), Optional.of("stranger-trust"), Optional.empty())))
                    .isInstanceOf(BufferException.class)
                    .isNotInstanceOf(BufferUnreachableException.class)
                    .hasMessageContaining("TLS to " + server.endpoint() + " failed");
            await().atMost(PATIENCE).until(() -> refused(server, Refusal.TLS) == 1);
        }
    }

    @Test
    void plain_text_is_not_answered_where_tls_is_spoken_and_tls_not_where_plain_text_is() {
        try (DrainServer server = serve(true, ClientAuth.NONE, Optional.empty())) {
            BufferEndpoint plain = new BufferEndpoint(
                    false, server.endpoint().host(), server.endpoint().port());
            assertThatThrownBy(() -> RemoteAttachment.attach(plain, BufferCredentials.NONE, TestMessages.spec("c")))
                    .isInstanceOf(BufferUnreachableException.class)
                    .hasMessageContaining("if that port speaks TLS, write ssl://");
            await().atMost(PATIENCE).until(() -> refused(server, Refusal.PLAIN_TEXT) == 1);
        }
        try (DrainServer server = serve(false, ClientAuth.NONE, Optional.empty())) {
            BufferEndpoint encrypted = new BufferEndpoint(
                    true, server.endpoint().host(), server.endpoint().port());
            assertThatThrownBy(() -> RemoteAttachment.attach(
                            encrypted,
                            credentials(Optional.empty(), Optional.of("broker-trust"), Optional.empty()),
                            TestMessages.spec("c")))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining(encrypted.toString());
        }
    }

    @Test
    void who_only_looks_whether_somebody_listens_is_not_counted() throws Exception {
        try (DrainServer server = serve(true, ClientAuth.NONE, Optional.empty())) {
            new Socket(InetAddress.getLoopbackAddress(), server.endpoint().port()).close();
            attach(server, credentials(Optional.empty(), Optional.of("broker-trust"), Optional.empty()));
            assertThat(server.stats().refused().values()).containsOnly(0L);
        }
    }

    @Test
    void a_file_that_is_no_key_store_is_named() throws Exception {
        Path broken = Files.writeString(dir.resolve("broken.p12"), "broken");
        BufferCredentials credentials = credentials(Optional.empty(), Optional.of("broken"), Optional.empty());
        assertThatThrownBy(() -> RemoteAttachment.attach(
                        BufferEndpoint.of("ssl://127.0.0.1:1"), credentials, TestMessages.spec("c")))
                .isInstanceOf(BufferException.class)
                .hasMessageContaining(broken.toString());
    }

    @Test
    void a_port_that_is_taken_is_named() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            BufferEndpoint listener = new BufferEndpoint(false, "127.0.0.1", taken.getLocalPort());
            assertThatThrownBy(() ->
                            DrainServer.start(buffer, new DrainConfig(listener, Optional.empty(), Optional.empty())))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining(listener.toString());
        }
    }

    @Test
    void a_host_that_is_unknown_is_named() throws Exception {
        Path tokens = Files.writeString(dir.resolve("unused"), TOKEN.value());
        DrainConfig config = new DrainConfig(
                BufferEndpoint.of("ssl://nowhere.invalid:8884"),
                Optional.of(new TlsConfig(store("broker"), Optional.empty(), Optional.empty(), ClientAuth.NONE)),
                Optional.of(tokens));
        assertThatThrownBy(() -> DrainServer.start(buffer, config))
                .isInstanceOf(BufferException.class)
                .hasMessage("The buffer cannot be served at ssl://nowhere.invalid:8884: its host name is unknown");
    }

    @Test
    void a_worker_of_which_no_version_is_spoken_is_refused_before_it_registers() {
        try (DrainServer server = serve(false, ClientAuth.NONE, Optional.empty())) {
            Status older = attach(server, Wire.attach(TestMessages.spec("c")).setVersions(versions(0, 0)));
            assertThat(older.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
            assertThat(older.getDescription()).contains("upgrade the worker");
            Status newer = attach(server, Wire.attach(TestMessages.spec("c")).setVersions(versions(7, 9)));
            assertThat(newer.getDescription())
                    .contains("the broker speaks versions 1 to 1 of the protocol, and the worker 7 to 9")
                    .contains("upgrade the broker");
            assertThat(refused(server, Refusal.VERSION)).isEqualTo(2);
            assertThat(buffer.stats().consumers()).isEmpty();
        }
    }

    @Test
    void the_log_keeps_little_of_the_names_that_workers_make_up() {
        String name = "forged\n\u0085\u2028\u202e" + "x".repeat(1 << 20);
        try (LoggedEvents logged = LoggedEvents.since(Refusals.class.getName());
                DrainServer server = serve(false, ClientAuth.NONE, Optional.empty())) {
            attach(server, Wire.attach(TestMessages.spec(name)).setVersions(versions(7, 9)));
            assertThat(logged.lines())
                    .filteredOn(line -> line.contains("forged????xxx"))
                    .singleElement()
                    .asString()
                    .hasSizeLessThan(1_000)
                    .contains("upgrade the broker");
        }
    }

    private static Versions versions(int oldest, int newest) {
        return Versions.newBuilder().setOldest(oldest).setNewest(newest).build();
    }

    @Test
    void what_comes_out_of_turn_ends_the_attachment_with_a_sentence() {
        try (DrainServer server = serve(false, ClientAuth.NONE, Optional.empty())) {
            assertThat(call(server, FromWorker.newBuilder().setSeek(Seek.getDefaultInstance()))
                            .getDescription())
                    .contains("has not attached");
            assertThat(call(server, FromWorker.newBuilder().setTake(Take.getDefaultInstance()))
                            .getDescription())
                    .contains("has not attached");
            assertThat(attach(server, Wire.attach(TestMessages.spec("c")).addFilters("a/#/b"))
                            .getDescription())
                    .contains("a/#/b");
            assertThat(attach(server, Wire.attach(TestMessages.spec("c")).setAckModeValue(99))
                            .getDescription())
                    .contains("ack.mode");
            assertThat(buffer.stats().consumers()).isEmpty();
        }
    }

    private static Status attach(DrainServer server, Attach.Builder attach) {
        return call(server, FromWorker.newBuilder().setAttach(attach));
    }

    /** Sends a message, and returns how the call ends. */
    private static Status call(DrainServer server, FromWorker.Builder message) {
        ManagedChannel channel = channel(server);
        CompletableFuture<Status> ended = new CompletableFuture<>();
        StreamObserver<FromWorker> call = DrainGrpc.newStub(channel).attach(new StreamObserver<>() {
            @Override
            public void onNext(FromBroker ignored) {}

            @Override
            public void onError(Throwable cause) {
                ended.complete(Status.fromThrowable(cause));
            }

            @Override
            public void onCompleted() {
                ended.complete(Status.OK);
            }
        });
        call.onNext(message.build());
        Status status = ended.orTimeout(20, TimeUnit.SECONDS).join();
        channel.shutdownNow();
        return status;
    }

    private static ManagedChannel channel(DrainServer server) {
        return NettyChannelBuilder.forAddress("127.0.0.1", server.endpoint().port())
                .usePlaintext()
                .build();
    }

    @Test
    void it_describes_the_buffer() {
        try (DrainServer server = serve(false, ClientAuth.NONE, Optional.empty())) {
            ManagedChannel channel = channel(server);
            DrainGrpc.DrainBlockingStub stub = DrainGrpc.newBlockingStub(channel);
            buffer.attach(TestMessages.spec("c"));
            TestMessages.append(buffer, TestMessages.message("m")).awaitSafe();
            assertThat(stub.describe(DescribeRequest.newBuilder()
                            .setVersions(Wire.versions())
                            .build()))
                    .satisfies(description -> {
                        assertThat(description.getBufferId()).isEqualTo(buffer.id());
                        assertThat(description.getEnd()).isEqualTo(1);
                        assertThat(description.getMaxBytes()).isEqualTo(1 << 20);
                    });
            assertThatThrownBy(() -> stub.describe(DescribeRequest.getDefaultInstance()))
                    .isInstanceOf(StatusRuntimeException.class);
            channel.shutdownNow();
        }
    }

    @Test
    void a_task_that_tries_to_attach_again_while_the_disk_hangs_is_told_so_and_takes_no_other_thread()
            throws Exception {
        FaultyFolder disk = new FaultyFolder();
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        BufferConfig config =
                new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 1 << 16, Duration.ZERO, Duration.ZERO);
        try (SharedBuffer stuck = TestMessages.open(config, disk);
                DrainServer server = DrainServer.start(stuck, Served.ON_LOOPBACK)) {
            disk.onForce(forcing -> {
                hangs.countDown();
                try {
                    answer.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            });
            Thread first = new Thread(() -> attach(server, BufferCredentials.NONE));
            try {
                first.start();
                hangs.await();
                Status again = attach(server, Wire.attach(TestMessages.spec("c")));
                assertThat(again.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                assertThat(again.getDescription()).contains("disk has not answered to an earlier attempt of this task");
            } finally {
                answer.countDown();
            }
            first.join();
            attach(server, BufferCredentials.NONE);
        }
    }
}
