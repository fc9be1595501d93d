package io.sluice.broker.session;

/** Where changes go, in order. Called under the store's lock; must neither fail nor touch a file. */
interface ChangeLog {

    /** Keeps nothing: the heap is all there is. */
    ChangeLog NONE = change -> {};

    void add(Change change);

    default int waiting() {
        return 0;
    }
}
