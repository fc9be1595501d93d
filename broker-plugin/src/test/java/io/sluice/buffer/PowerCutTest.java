package io.sluice.buffer;

import io.sluice.buffer.BufferModel.Kind;
import io.sluice.buffer.BufferModel.Step;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The power goes at any moment: amid appends, rolls, checkpoints, attachments, trims, and openings. Of what was not forced
 * any part is left, in any order.
 */
class PowerCutTest {

    private static final Kind[] KINDS = {
        Kind.APPEND,
        Kind.APPEND,
        Kind.APPEND_AND_WAIT,
        Kind.APPEND_AND_WAIT,
        Kind.READ,
        Kind.READ,
        Kind.ACKNOWLEDGE,
        Kind.RELEASE,
        Kind.RELEASE,
        Kind.END_SESSION,
        Kind.ATTACH,
        Kind.FAIL_FORCE,
        Kind.KILL
    };

    @Test
    @Timeout(240)
    void loses_nothing_that_was_safe_and_delivers_nothing_twice_nor_out_of_order() throws Exception {
        cutPower(0, 150);
    }

    @Test
    @Tag("soak")
    @Timeout(2_400)
    void loses_nothing_in_thirty_thousand_cuts() throws Exception {
        cutPower(System.currentTimeMillis(), 10_000); // others each time: what is left to find is rare
    }

    private static void cutPower(long firstSeed, int rounds) throws Exception {
        for (long seed = firstSeed; seed < firstSeed + rounds; seed++) {
            try {
                round(new Random(seed));
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static void round(Random random) throws Exception {
        BufferModel model = new BufferModel(random);
        for (int cut = 0; cut < 3; cut++) {
            model.cutPowerAfter(1 + random.nextInt(60));
            for (int step = random.nextInt(15); step >= 0; step--) {
                model.apply(new Step(KINDS[random.nextInt(KINDS.length)], random.nextInt(30)));
            }
            model.apply(new Step(Kind.POWER_CUT, 0));
        }
        model.finish();
    }
}
