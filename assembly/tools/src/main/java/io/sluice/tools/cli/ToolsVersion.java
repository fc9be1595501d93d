package io.sluice.tools.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** What the jar says of itself. */
final class ToolsVersion implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {
            "sluice "
                    + Optional.ofNullable(ToolsVersion.class.getPackage().getImplementationVersion())
                            .orElse("(not from a jar)")
        };
    }
}
