package io.sluice.buffer.consumer;

import io.sluice.message.TopicFilter;
import io.sluice.message.TopicFilterIndex;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** What is wanted while nobody comes or goes, with what is known of some topics. Thread-safe, and takes no lock. */
final class Interests {

    /**
     * So many filters are looked at one after the other: that takes less time than to find a topic among 100,000, which
     * the processor's caches do not hold.
     */
    private static final int FEW = 4;

    private static final int MAX_CACHED_TOPICS = 100_000;

    /** Longer ones are decided upon each time: devices choose how long topics are. */
    private static final int LONGEST_CACHED_TOPIC = 128;

    /** What somebody wants of the topics that some filters match. */
    record Wish(List<TopicFilter> filters, Interest interest) {

        static Wish of(List<TopicFilter> filters, AckMode ackMode) {
            return new Wish(filters, Interest.valueOf(ackMode.name()));
        }

        private boolean matches(String topic) {
            for (TopicFilter filter : filters) {
                if (filter.matches(topic)) {
                    return true;
                }
            }
            return false;
        }
    }

    private final List<Wish> wishes;
    private final TopicFilterIndex<Wish> index;
    private final boolean few;
    private volatile ConcurrentMap<String, Interest> known = new ConcurrentHashMap<>();

    Interests(List<Wish> wishes) {
        this.wishes = wishes;
        this.index = TopicFilterIndex.of(wishes, Wish::filters);
        this.few = wishes.stream().mapToInt(wish -> wish.filters().size()).sum() <= FEW;
    }

    List<Wish> wishes() {
        return wishes;
    }

    Interest of(String topic) {
        return few ? ofFew(topic) : ofMany(topic);
    }

    private Interest ofFew(String topic) {
        Interest strongest = Interest.NONE;
        for (Wish wish : wishes) {
            if (wish.interest().compareTo(strongest) > 0 && wish.matches(topic)) {
                strongest = wish.interest();
            }
        }
        return strongest;
    }

    private Interest ofMany(String topic) {
        ConcurrentMap<String, Interest> cache = known;
        Interest before = cache.get(topic);
        if (before != null) {
            return before;
        }
        Interest[] strongest = {Interest.NONE};
        index.forEachMatch(topic, wish -> {
            if (wish.interest().compareTo(strongest[0]) > 0) {
                strongest[0] = wish.interest();
            }
        });
        if (cache.size() >= MAX_CACHED_TOPICS) {
            known = new ConcurrentHashMap<>();
        } else if (topic.length() <= LONGEST_CACHED_TOPIC) {
            cache.put(topic, strongest[0]);
        }
        return strongest[0];
    }
}
