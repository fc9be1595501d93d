package io.sluice.buffer.log;

import io.sluice.buffer.log.Birth.InFile;
import io.sluice.buffer.log.Birth.InMemory;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What the births of one lane's clients take of the {@link BirthIndex}. Not thread-safe. */
final class BirthShare {

    /** What one takes, about, besides its topic. */
    private static final int BIRTH_BYTES = 300;

    private final NavigableMap<Long, Birth> births = new TreeMap<>();
    private long memory;
    private long kept;

    void add(Birth birth) {
        births.put(birth.position(), birth);
        memory += weight(birth);
        kept += keptBytes(birth);
    }

    void remove(Birth birth) {
        if (births.remove(birth.position(), birth)) {
            memory -= weight(birth);
            kept -= keptBytes(birth);
        }
    }

    Birth oldest() {
        return births.firstEntry().getValue();
    }

    long memory() {
        return memory;
    }

    /** Bytes of records whose segments are gone. */
    long kept() {
        return kept;
    }

    private static long weight(Birth birth) {
        return (long) BIRTH_BYTES + birth.topic().length();
    }

    private static long keptBytes(Birth birth) {
        if (birth.place() instanceof InFile inFile) {
            return inFile.bytes();
        }
        return birth.place() instanceof InMemory inMemory ? inMemory.record().remaining() : 0;
    }
}
