package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SluiceTest {

    @TempDir
    Path home;

    @Test
    void every_command_says_what_it_does_and_shows_an_example_and_so_does_every_option() {
        assertThat(commands()).hasSizeGreaterThan(15).allSatisfy(command -> {
            CommandLine.Model.UsageMessageSpec usage = command.getCommandSpec().usageMessage();
            assertThat(usage.description())
                    .as(command.getCommandSpec().qualifiedName())
                    .isNotEmpty();
            assertThat(usage.footer())
                    .as("examples of " + command.getCommandSpec().qualifiedName())
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(line).startsWith("  sluice "));
            assertThat(command.getCommandSpec().args())
                    .allSatisfy(argument -> assertThat(argument.description())
                            .as(command.getCommandSpec().qualifiedName() + " " + argument.paramLabel())
                            .isNotEmpty());
        });
    }

    @Test
    void help_succeeds_and_is_data() {
        Tool.Ended ended = new Tool(home).run("connector", "apply", "--help");

        assertThat(ended.exitCode()).isZero();
        assertThat(ended.out()).contains("sluice connector apply", "%{NAME}", "${…}", "Examples:");
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void what_is_not_understood_is_a_sentence_and_ends_with_2() {
        Tool.Ended ended = new Tool(home).run("connector", "lisst");

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.err())
                .contains("'lisst'", "See sluice connector --help.")
                .doesNotContain("Options:");
        assertThat(ended.out()).isEmpty();
    }

    @Test
    void a_worker_that_does_not_answer_ends_with_4() {
        Tool.Ended ended = new Tool(home).run("connector", "list", "--worker", "http://127.0.0.1:1");

        assertThat(ended.exitCode()).isEqualTo(4);
        assertThat(ended.err())
                .startsWith("The Connect worker at http://127.0.0.1:1 does not answer: nothing listens there.");
    }

    @Test
    void an_address_that_is_none_is_said() {
        Tool.Ended ended = new Tool(home).run("connector", "list", "--worker", "localhost:8083");

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.err()).startsWith("The worker's address localhost:8083 is none; it looks like http://");
    }

    private List<CommandLine> commands() {
        List<CommandLine> commands = new ArrayList<>();
        collect(Sluice.commandLine(Surroundings.ofThisProcess()), commands);
        return commands;
    }

    private static void collect(CommandLine command, List<CommandLine> commands) {
        commands.add(command);
        command.getSubcommands().values().forEach(each -> collect(each, commands));
    }
}
