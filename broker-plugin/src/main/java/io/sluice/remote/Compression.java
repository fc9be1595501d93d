package io.sluice.remote;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import com.github.luben.zstd.util.Native;
import io.grpc.Codec;
import io.grpc.CompressorRegistry;
import io.grpc.DecompressorRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** How batches are compressed where the network is slow: a worker says that it takes Zstandard, and the broker uses it. */
final class Compression {

    static final String ZSTD = "zstd";

    /**
     * Whether this machine has it: it is a native library, which some have not, and a worker brings its own. Found out once:
     * a broker that has offered it must be able to use it.
     */
    static final boolean IS_THERE = load();

    private Compression() {}

    private static boolean load() {
        try {
            Native.load();
            return Native.isLoaded();
        } catch (LinkageError | RuntimeException none) {
            return false;
        }
    }

    /** What a broker may compress with. */
    static CompressorRegistry compressors() {
        CompressorRegistry registry = CompressorRegistry.newEmptyInstance();
        registry.register(Codec.Identity.NONE);
        if (IS_THERE) {
            registry.register(new Zstd());
        }
        return registry;
    }

    /** What a worker says that it takes. */
    static DecompressorRegistry decompressors() {
        DecompressorRegistry none = DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false);
        return IS_THERE ? none.with(new Zstd(), true) : none;
    }

    /** Thread-safe. */
    private static final class Zstd implements Codec {

        /** The fastest of the levels that make text small. */
        private static final int LEVEL = 1;

        @Override
        public String getMessageEncoding() {
            return ZSTD;
        }

        @Override
        public OutputStream compress(OutputStream out) throws IOException {
            return new ZstdOutputStreamNoFinalizer(out, RecyclingBufferPool.INSTANCE, LEVEL);
        }

        @Override
        public InputStream decompress(InputStream in) throws IOException {
            return new ZstdInputStreamNoFinalizer(in, RecyclingBufferPool.INSTANCE);
        }
    }
}
