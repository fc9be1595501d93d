package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** {@code assembly/docs/cli.md}: its first part is written by hand, and what every command says follows a mark. */
class CommandsDocTest {

    private static final Path DOCUMENT = Path.of("../docs/cli.md");
    private static final String MARK = "<!-- From here on: what the commands say of themselves. -->\n";

    @Test
    void the_reference_says_what_the_commands_say() throws IOException {
        String written = Files.readString(DOCUMENT);
        String byHand = written.substring(0, written.indexOf(MARK));
        if (Boolean.getBoolean("sluice.doc.write")) {
            Files.writeString(DOCUMENT, byHand + reference());
        }

        assertThat(DOCUMENT)
                .as("make it anew with: ./mvnw -pl assembly/tools -am test -Dtest=CommandsDocTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dsluice.doc.write=true")
                .hasContent(byHand + reference());
    }

    private static String reference() {
        StringBuilder text = new StringBuilder(MARK);
        append(text, Sluice.commandLine(Surroundings.ofThisProcess(), List.of()));
        return text.toString();
    }

    private static void append(StringBuilder text, CommandLine command) {
        command.setUsageHelpWidth(100);
        text.append("\n## ").append(command.getCommandSpec().qualifiedName()).append("\n\n```\n");
        command.getUsageMessage(Ansi.OFF)
                .lines()
                .forEach(line -> text.append(line.stripTrailing()).append('\n'));
        text.append("```\n");
        command.getSubcommands().values().forEach(each -> append(text, each));
    }
}
