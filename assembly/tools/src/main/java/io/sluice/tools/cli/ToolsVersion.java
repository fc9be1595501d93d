package io.sluice.tools.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** What the jar says of itself. */
final class ToolsVersion implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {"sluice " + number().orElse("(not from a jar)")};
    }

    /** The number, where the program runs from its jar. */
    static Optional<String> number() {
        return Optional.ofNullable(ToolsVersion.class.getPackage().getImplementationVersion());
    }
}
