package io.sluice.buffer.consumer;

import io.sluice.message.Message;
import io.sluice.message.TopicFilter;
import io.sluice.message.TopicFilterIndex;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

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

    /**
     * What somebody wants of the topics that some filters match.
     *
     * @param deliveredTo who it is, as a set, if he wants them delivered; otherwise nobody, so that equal wishes are one
     */
    record Wish(List<TopicFilter> filters, Interest interest, long deliveredTo) {

        static Wish of(List<TopicFilter> filters, AckMode ackMode, int place) {
            return new Wish(filters, Interest.valueOf(ackMode.name()), ackMode == AckMode.DELIVERED ? 1L << place : 0);
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

    /** What is wanted of one topic, once all wishes that match it were added. */
    private static final class Found implements Consumer<Wish> {

        private static final List<Found> OF_NOBODY_WHO_WANTS_DELIVERY =
                Stream.of(Interest.values()).map(Found::new).toList();

        private Interest strongest;
        private long deliveredTo;

        private Found(Interest strongest) {
            this.strongest = strongest;
        }

        /** The same, in one object for all topics where nobody wants delivery. */
        private Found shared() {
            return deliveredTo == 0 ? OF_NOBODY_WHO_WANTS_DELIVERY.get(strongest.ordinal()) : this;
        }

        @Override
        public void accept(Wish wish) {
            if (wish.interest().compareTo(strongest) > 0) {
                strongest = wish.interest();
            }
            deliveredTo |= wish.deliveredTo();
        }
    }

    private final List<Wish> wishes;
    private final TopicFilterIndex<Wish> index;
    private final boolean few;
    private volatile ConcurrentMap<String, Found> known = new ConcurrentHashMap<>();

    Interests(List<Wish> wishes) {
        this.wishes = wishes;
        this.index = TopicFilterIndex.of(wishes, Wish::filters);
        this.few = wishes.stream().mapToInt(wish -> wish.filters().size()).sum() <= FEW;
    }

    List<Wish> wishes() {
        return wishes;
    }

    Interest of(String topic) {
        return few ? ofFew(topic) : ofMany(topic).strongest;
    }

    /** Who wants one of these messages delivered; 0: nobody. */
    long wantDelivered(List<Message> messages) {
        long all = 0;
        for (Message message : messages) {
            all |= few ? fewWantDelivered(message.topic()) : ofMany(message.topic()).deliveredTo;
        }
        return all;
    }

    private long fewWantDelivered(String topic) {
        long all = 0;
        for (Wish wish : wishes) {
            if (wish.deliveredTo() != 0 && wish.matches(topic)) {
                all |= wish.deliveredTo();
            }
        }
        return all;
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

    private Found ofMany(String topic) {
        ConcurrentMap<String, Found> cache = known;
        Found before = cache.get(topic);
        if (before != null) {
            return before;
        }
        Found search = new Found(Interest.NONE);
        index.forEachMatch(topic, search);
        Found found = search.shared();
        if (cache.size() >= MAX_CACHED_TOPICS) {
            known = new ConcurrentHashMap<>();
        } else if (topic.length() <= LONGEST_CACHED_TOPIC) {
            cache.put(topic, found);
        }
        return found;
    }
}
