package io.sluice.broker.session;

/** Is told whether everything that was written before it was handed over is safe. Called once; must not block. */
public interface SafeListener {

    /** All of it would survive a power cut, or is in memory where that is all there is. */
    void safe();

    /**
     * The disk did not take it. It is in the broker's memory all the same, and is written as soon as the disk can; until
     * then it does not survive a crash.
     */
    void failed(SessionStoreException cause);
}
