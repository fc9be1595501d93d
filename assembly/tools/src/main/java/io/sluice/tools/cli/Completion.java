package io.sluice.tools.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Prints what lets a shell complete commands and options. */
@Command(
        name = "completion",
        description = "Prints a script that lets a shell complete commands, options and their values.",
        footer = {
            "  sluice completion bash > ~/.local/share/bash-completion/completions/sluice",
            "  sluice completion zsh >> ~/.zshrc"
        })
final class Completion implements Runnable {

    /** The shells; the names are what the command takes. */
    enum Shell {
        bash,
        /** Zsh, which the script tells to take it as one for Bash. */
        zsh
    }

    @Mixin
    private final Common common = new Common();

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    @SuppressWarnings("UnusedVariable") // the script finds out itself; a user should not have to know that
    private Shell shell = Shell.bash;

    @Override
    public void run() {
        common.print(AutoComplete.bash("sluice", common.command().root().commandLine()));
    }
}
