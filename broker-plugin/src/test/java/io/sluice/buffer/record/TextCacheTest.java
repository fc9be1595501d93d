package io.sluice.buffer.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is made of a text is what that text stands for, whichever texts came before. */
class TextCacheTest {

    @Test
    void every_text_is_right_whatever_came_before() {
        Random random = new Random(3);
        TextCache<String> cache = new TextCache<>(text -> text);
        for (int i = 0; i < 200_000; i++) {
            // few, so that they come again; alike, so that parts of them are the same
            String text =
                    "温/abcdefgh-".repeat(random.nextInt(4)) + "x".repeat(random.nextInt(12)) + random.nextInt(500);
            assertThat(get(cache, text)).isEqualTo(text);
        }
    }

    @Test
    void a_text_that_comes_again_is_made_twice_at_most_and_one_that_is_very_long_each_time() {
        AtomicInteger made = new AtomicInteger();
        TextCache<Integer> cache = new TextCache<>(text -> made.incrementAndGet());
        for (int i = 0; i < 10; i++) {
            get(cache, "factory/line/17");
        }
        assertThat(made).hasValue(2);
        for (int i = 0; i < 10; i++) {
            get(cache, "x".repeat(10_000));
        }
        assertThat(made).hasValue(12);
    }

    private static <T> T get(TextCache<T> cache, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer in = ByteBuffer.allocate(utf8.length + 16).put(3, utf8);
        return cache.get(in, 3, utf8.length);
    }
}
