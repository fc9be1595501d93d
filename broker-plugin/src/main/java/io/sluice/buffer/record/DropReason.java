package io.sluice.buffer.record;

/** Why messages are not, or no longer, in a buffer although somebody wanted them. */
public enum DropReason {
    /** The buffer was full, and the overflow policy {@code DROP_NEWEST} let them go. */
    NEWEST,
    /** The buffer was full, and the overflow policy {@code DROP_OLDEST} let them go before every consumer had them. */
    OLDEST,
    /** The disk was full or failed, and the overflow policy drops. */
    DISK,
    /** A message larger than the whole buffer may be, and the overflow policy drops. */
    TOO_LARGE,
    /** They could not be forced to the disk: their publishers are not acknowledged. */
    FORCE_FAILED,
    /** The buffer's files are damaged or missing. */
    DAMAGE
}
