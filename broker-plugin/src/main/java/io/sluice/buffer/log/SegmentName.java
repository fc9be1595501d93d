package io.sluice.buffer.log;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How the files of segments are named, by the base position, and what is set aside. */
public final class SegmentName {

    /** What the name of a file ends with that is set aside, a segment's or another one's: nothing reads it any more. */
    public static final String DAMAGED_SUFFIX = ".damaged";

    private static final Pattern NAME = Pattern.compile("([0-9]{19})\\.log");

    private SegmentName() {}

    public static String of(long base) {
        return String.format(Locale.ROOT, "%019d.log", base);
    }

    /** The base position in a file's name; empty if the file is no segment. */
    public static OptionalLong baseIn(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
    }
}
