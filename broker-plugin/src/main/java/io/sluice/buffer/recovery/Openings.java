package io.sluice.buffer.recovery;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Which positions each opening of the buffer gave out. If somebody copies a folder, and both copies go on, they give the same
 * positions to different messages; the random identifier of each opening tells them apart.
 *
 * @param all by rising position; the last one is the present one
 */
public record Openings(List<Opening> all) {

    private static final SecureRandom RANDOM = new SecureRandom();

    /** The buffer was never opened before. */
    static final Openings NONE = new Openings(List.of());

    /** The buffer was opened before, and nobody remembers when. */
    static final Openings FORGOTTEN = new Openings(List.of(new Opening(0, 0)));

    /**
     * One opening.
     *
     * @param id random
     * @param from the first position that was given out since
     */
    public record Opening(long id, long from) {}

    public Openings {
        all = List.copyOf(all);
    }

    /** These, and one more that begins at a position. */
    Openings next(long from) {
        List<Opening> more = new ArrayList<>(all);
        more.add(new Opening(RANDOM.nextLong() | 1, from));
        return new Openings(more);
    }

    /** Those that gave out positions from a log's start on. */
    public Openings since(long start) {
        int first = 0;
        while (first + 1 < all.size() && all.get(first + 1).from() <= start) {
            first++;
        }
        return first == 0 ? this : new Openings(all.subList(first, all.size()));
    }

    public long presentId() {
        return all.get(all.size() - 1).id();
    }

    /**
     * The first position that an opening did not give out; {@link Long#MAX_VALUE} for the present one, empty for one that
     * nobody remembers.
     */
    public OptionalLong end(long id) {
        for (int i = all.size() - 1; i >= 0; i--) {
            if (all.get(i).id() == id || all.get(i).equals(FORGOTTEN.all.get(0))) {
                return OptionalLong.of(i + 1 < all.size() ? all.get(i + 1).from() : Long.MAX_VALUE);
            }
        }
        return OptionalLong.empty();
    }
}
