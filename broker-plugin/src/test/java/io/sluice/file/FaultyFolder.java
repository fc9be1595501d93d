package io.sluice.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A folder on a disk that can be made to fail, and that knows of each file and of the folder what was forced and what was
 * not. A {@linkplain #afterKill killed process} leaves all of it, a {@linkplain #afterPowerCut power cut} what was forced
 * and any part of the rest. All under one lock.
 */
public final class FaultyFolder implements Folder {

    /** What a disk writes whole or not at all. */
    private static final int SECTOR_BYTES = 512;

    /** Something that was done to a file and not forced. */
    private sealed interface Change {
        byte[] appliedTo(byte[] file);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Written(int offset, byte[] bytes) implements Change {
        @Override
        public byte[] appliedTo(byte[] file) {
            return put(file, offset, bytes, 0, bytes.length);
        }
    }

    private record Truncated(int size) implements Change {
        @Override
        public byte[] appliedTo(byte[] file) {
            return cutOff(file, size);
        }
    }

    /** What a file holds, whatever its name. */
    private static final class Content {
        private byte[] current = {};
        private byte[] safe = {};
        private final List<Change> unforced = new ArrayList<>();

        /** Changes whose force has failed: the process reads them, and no later force writes them (as on Linux). */
        private final List<Change> given = new ArrayList<>();

        /** Changes that were forced later: of what they were written over, nothing comes back. */
        private final List<Change> forcedOverGiven = new ArrayList<>();

        private Content copy() {
            Content copy = new Content();
            copy.current = current.clone();
            copy.safe = safe.clone();
            copy.unforced.addAll(unforced);
            copy.given.addAll(given);
            copy.forcedOverGiven.addAll(forcedOverGiven);
            return copy;
        }

        private void forced() {
            // what was never written reads as zeros up to where the file was written later
            for (Change change : unforced) {
                safe = change.appliedTo(safe);
            }
            if (!given.isEmpty()) {
                forcedOverGiven.addAll(unforced);
            }
            unforced.clear();
        }
    }

    /** Something that was done to the folder and not forced. */
    private record Renamed(String from, String to, Content content) {}

    /** One file at the moment before it is forced: what is safe already, and what is about to be. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Forcing(String name, Map<String, byte[]> disk, byte[] safe, byte[] current) {}

    /** Looks on, and may make it fail. */
    public interface OnForce {
        void force(Forcing forcing) throws IOException;
    }

    private final TreeMap<String, Content> names = new TreeMap<>();
    private final TreeMap<String, Content> safeNames = new TreeMap<>();
    private final List<Renamed> unforcedNames = new ArrayList<>();
    private long room = Long.MAX_VALUE;
    private Predicate<String> failingWrites = name -> false;
    private Predicate<String> failingReads = name -> false;
    private Runnable afterEachStep = () -> {};
    private OnForce onForce = forcing -> {};
    private boolean disconnected;

    /** An empty folder. */
    public FaultyFolder() {}

    /** A folder with these files, all of them safe. */
    public FaultyFolder(Map<String, byte[]> disk) {
        disk.forEach((name, bytes) -> {
            Content content = new Content();
            content.current = bytes.clone();
            content.safe = bytes.clone();
            names.put(name, content);
        });
        safeNames.putAll(names);
    }

    /** From now on only so many bytes can be written. What lies in a file already can be written over. */
    public synchronized void setFreeBytes(long bytes) {
        room = bytes;
    }

    public synchronized void failWritesTo(Predicate<String> files) {
        failingWrites = files;
    }

    public synchronized void failReadsFrom(Predicate<String> files) {
        failingReads = files;
    }

    /** Called after whatever changes what a crash would leave. */
    public synchronized void afterEachStep(Runnable action) {
        afterEachStep = action;
    }

    public synchronized void onForce(OnForce action) {
        onForce = action;
    }

    /** Nothing reaches the disk any more, as if its cable were cut: the process that uses it may close in peace. */
    public synchronized Map<String, byte[]> cut() {
        disconnected = true;
        return current();
    }

    /** The files as the running process sees them. */
    public synchronized Map<String, byte[]> current() {
        Map<String, byte[]> disk = new TreeMap<>();
        names.forEach((name, content) -> disk.put(name, content.current.clone()));
        return disk;
    }

    /** What was forced, and nothing else. */
    public synchronized Map<String, byte[]> safe() {
        Map<String, byte[]> disk = new TreeMap<>();
        safeNames.forEach((name, content) -> disk.put(name, content.safe.clone()));
        return disk;
    }

    /** What the next process finds when this one is killed: everything, and as little of it forced. */
    public synchronized FaultyFolder afterKill() {
        disconnected = true;
        FaultyFolder next = new FaultyFolder();
        IdentityHashMap<Content, Content> copies = new IdentityHashMap<>();
        names.forEach((name, content) -> next.names.put(name, copies.computeIfAbsent(content, Content::copy)));
        safeNames.forEach((name, content) -> next.safeNames.put(name, copies.computeIfAbsent(content, Content::copy)));
        for (Renamed one : unforcedNames) {
            next.unforcedNames.add(
                    new Renamed(one.from(), one.to(), copies.computeIfAbsent(one.content(), Content::copy)));
        }
        return next;
    }

    /** What is found after a power cut: what was forced, and of the rest any part, in any order, sector by sector. */
    public synchronized FaultyFolder afterPowerCut(Random random) {
        disconnected = true;
        TreeMap<String, Content> left = new TreeMap<>(safeNames);
        // a journal keeps the order, other file systems need not
        boolean ordered = random.nextBoolean();
        int most = random.nextInt(unforcedNames.size() + 1);
        for (int i = 0; i < unforcedNames.size(); i++) {
            if (ordered ? i < most : random.nextBoolean()) {
                apply(unforcedNames.get(i), left);
            }
        }
        Map<String, byte[]> disk = new TreeMap<>();
        left.forEach((name, content) -> disk.put(name, leftOf(content, random)));
        return new FaultyFolder(disk);
    }

    private static void apply(Renamed one, Map<String, Content> folder) {
        folder.remove(one.from(), one.content());
        if (!one.to().isEmpty()) {
            folder.put(one.to(), one.content());
        }
    }

    private byte[] leftOf(Content content, Random random) {
        int[] chances = {0, 50, 90, 100};
        int chance = chances[random.nextInt(chances.length)];
        byte[] left = someOf(content.given, content.safe, random, chance);
        for (Change change : content.forcedOverGiven) {
            left = change.appliedTo(left);
        }
        left = someOf(content.unforced, left, random, chance);
        if (left.length > content.safe.length && random.nextInt(3) == 0) {
            left = cutOff(left, content.safe.length + random.nextInt(left.length - content.safe.length + 1));
        }
        return left;
    }

    /** A file after any of the changes, in any order. */
    private byte[] someOf(List<Change> all, byte[] file, Random random, int chance) {
        List<Change> changes = new ArrayList<>(all);
        if (random.nextInt(3) == 0) {
            Collections.shuffle(changes, random);
        }
        byte[] left = file;
        for (Change change : changes) {
            if (change instanceof Truncated truncated) {
                left = random.nextInt(100) < chance ? truncated.appliedTo(left) : left;
            } else if (change instanceof Written written) {
                left = someSectors(left, written, random, chance);
            }
        }
        return left;
    }

    private byte[] someSectors(byte[] before, Written written, Random random, int chance) {
        byte[] left = before;
        int end = written.offset() + written.bytes().length;
        for (int at = written.offset(); at < end; ) {
            int sectorEnd = Math.min(end, (at / SECTOR_BYTES + 1) * SECTOR_BYTES);
            if (random.nextInt(100) < chance) {
                int had = left.length;
                left = put(left, at, written.bytes(), at - written.offset(), sectorEnd - at);
                if (at > had && random.nextInt(4) == 0) {
                    fillWithOldBlocks(left, had, at, random);
                }
            }
            at = sectorEnd;
        }
        return left;
    }

    /** Where a file grew and was not written, some file systems show what other files had there. */
    private void fillWithOldBlocks(byte[] file, int from, int to, Random random) {
        List<Content> others = List.copyOf(names.values());
        byte[] old = others.get(random.nextInt(others.size())).current;
        for (int at = from; at < to && old.length > 0; at++) {
            file[at] = old[at % old.length];
        }
    }

    private static byte[] put(byte[] file, int offset, byte[] bytes, int from, int length) {
        byte[] grown = Arrays.copyOf(file, Math.max(file.length, offset + length));
        System.arraycopy(bytes, from, grown, offset, length);
        return grown;
    }

    private static byte[] cutOff(byte[] file, int size) {
        return size < file.length ? Arrays.copyOf(file, size) : file;
    }

    @Override
    public synchronized List<String> names() {
        return List.copyOf(names.keySet());
    }

    @Override
    public synchronized File create(String name) throws IOException {
        requireConnected();
        if (names.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        rename("", name, new Content());
        return open(name);
    }

    @Override
    public synchronized File open(String name) throws IOException {
        return new FaultyFile(name, existing(name));
    }

    private Content existing(String name) throws NoSuchFileException {
        Content content = names.get(name);
        if (content == null) {
            throw new NoSuchFileException(name);
        }
        return content;
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        requireConnected();
        rename(from, to, existing(from));
    }

    private void rename(String from, String to, Content content) {
        Renamed done = new Renamed(from, to, content);
        Content replaced = names.get(to);
        give(replaced == null ? 0 : replaced.current.length);
        apply(done, names);
        unforcedNames.add(done);
        afterEachStep.run();
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        requireConnected();
        Content content = names.get(name);
        if (content != null) {
            give(content.current.length);
            rename(name, "", content);
        }
    }

    private void give(long bytes) {
        room = room == Long.MAX_VALUE ? room : room + bytes;
    }

    @Override
    public synchronized void force() throws IOException {
        requireConnected();
        safeNames.clear();
        safeNames.putAll(names);
        unforcedNames.clear();
        afterEachStep.run();
    }

    @Override
    public synchronized long usableBytes() {
        return room;
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
        return "test disk";
    }

    private void requireConnected() throws IOException {
        if (disconnected) {
            throw new IOException("the disk is gone");
        }
    }

    private final class FaultyFile implements File {
        private final String name;
        private final Content content;

        FaultyFile(String name, Content content) {
            this.name = name;
            this.content = content;
        }

        @Override
        public int read(ByteBuffer into, long offset) throws IOException {
            synchronized (FaultyFolder.this) {
                if (failingReads.test(name)) {
                    throw new IOException("Input/output error");
                }
                int available = (int) (content.current.length - offset);
                if (available <= 0) {
                    return -1;
                }
                int length = Math.min(available, into.remaining());
                into.put(content.current, (int) offset, length);
                return length;
            }
        }

        @Override
        public void write(ByteBuffer from, long offset) throws IOException {
            synchronized (FaultyFolder.this) {
                requireConnected();
                if (failingWrites.test(name)) {
                    throw new IOException("Input/output error");
                }
                long inPlace = Math.max(0, content.current.length - offset);
                byte[] bytes = new byte[(int) Math.min(inPlace + room < 0 ? room : inPlace + room, from.remaining())];
                from.get(bytes);
                long more = Math.max(0, offset + bytes.length - content.current.length);
                content.current = put(content.current, (int) offset, bytes, 0, bytes.length);
                content.unforced.add(new Written((int) offset, bytes));
                room = room == Long.MAX_VALUE ? room : room - more;
                afterEachStep.run();
                if (from.hasRemaining()) {
                    throw new IOException("No space left on device");
                }
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (FaultyFolder.this) {
                requireConnected();
                boolean forced = false;
                try {
                    onForce.force(
                            new Forcing(name, FaultyFolder.this.safe(), content.safe.clone(), content.current.clone()));
                    forced = true;
                } finally {
                    if (!forced) {
                        content.given.addAll(content.unforced);
                        content.unforced.clear();
                    }
                }
                content.forced();
                afterEachStep.run();
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (FaultyFolder.this) {
                requireConnected();
                if (size < content.current.length) {
                    give(content.current.length - size);
                    content.current = cutOff(content.current, (int) size);
                    content.unforced.add(new Truncated((int) size));
                    afterEachStep.run();
                }
            }
        }

        @Override
        public long size() {
            synchronized (FaultyFolder.this) {
                return content.current.length;
            }
        }

        @Override
        public void close() {}
    }
}
