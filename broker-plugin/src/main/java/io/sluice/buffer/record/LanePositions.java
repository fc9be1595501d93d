package io.sluice.buffer.record;

import java.util.Arrays;
import java.util.function.IntToLongFunction;

/** One position for each lane. Immutable. */
public final class LanePositions {

    private final long[] byLane;

    private LanePositions(long[] byLane) {
        this.byLane = byLane;
    }

    public static LanePositions of(IntToLongFunction positionOfLane) {
        long[] byLane = new long[Lanes.COUNT];
        Arrays.setAll(byLane, positionOfLane);
        return new LanePositions(byLane);
    }

    public static LanePositions all(long position) {
        return of(lane -> position);
    }

    /** The position in a lane, 0 to 63. */
    public long at(int lane) {
        return byLane[lane];
    }

    public LanePositions orLower(LanePositions other) {
        return of(lane -> Math.min(at(lane), other.at(lane)));
    }

    /** The lowest position among some lanes; {@link Long#MAX_VALUE} for no lanes. */
    public long lowest(Lanes lanes) {
        return lanes.stream().mapToLong(this::at).min().orElse(Long.MAX_VALUE);
    }

    /**
     * Checks that reading can go on behind these positions.
     *
     * @param end the position before which they must be in these lanes
     * @param where the buffer, in words
     * @throws BufferException if one of them is not
     */
    public void requireBelow(long end, Lanes lanes, String where) {
        for (int lane = 0; lane < byLane.length; lane++) {
            if (lanes.contains(lane) && byLane[lane] >= end) {
                throw new BufferException("lane " + lane + " should resume after position " + byLane[lane] + ", but "
                        + where + " ends before " + end
                        + ": its folder was restored from an older copy, or is another buffer's");
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LanePositions that && Arrays.equals(byLane, that.byLane);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(byLane);
    }

    @Override
    public String toString() {
        return Arrays.toString(byLane);
    }
}
