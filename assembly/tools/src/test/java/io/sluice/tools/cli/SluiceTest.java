package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
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
                    .allSatisfy(line -> assertThat(line)
                            .as("a line that is not wrapped, and can be pasted")
                            .hasSizeLessThan(100)
                            .matches("  (sluice |    ).*"));
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
    void a_command_in_the_wrong_place_is_not_hidden_by_help() {
        Tool.Ended elsewhere = new Tool(home).run("apply", "--help");
        assertThat(elsewhere.exitCode()).isEqualTo(2);
        assertThat(elsewhere.err())
                .isEqualToIgnoringNewLines("There is no command sluice apply; there is sluice connector apply.");
        assertThat(elsewhere.out()).isEmpty();

        Tool.Ended nowhere = new Tool(home).run("connector", "frobnicate", "-h");
        assertThat(nowhere.exitCode()).isEqualTo(2);
        assertThat(nowhere.err())
                .isEqualToIgnoringNewLines(
                        "There is no command sluice connector frobnicate; see sluice connector --help.");
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
        assertThat(ended.err()).startsWith("localhost:8083 is not a worker's address; write it like http://");
    }

    @Test
    void bash_completes_commands_and_options() throws Exception {
        Path script = Files.writeString(
                home.resolve("sluice"), new Tool(home).run("completion", "bash").out());

        assertThat(completions(script, "sluice", "connector", "de")).containsExactly("delete", "describe");
        assertThat(completions(script, "sluice", "publish", "--ret")).contains("--retain");
        assertThat(new Tool(home).run("completion", "zsh").out()).isEqualTo(Files.readString(script));
    }

    private static List<String> completions(Path script, String... words) throws Exception {
        String typed = String.join(" ", words);
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        "source '" + script + "'; COMP_WORDS=(" + typed + "); COMP_CWORD=" + (words.length - 1)
                                + "; COMP_LINE='" + typed + "'; COMP_POINT=" + typed.length()
                                + "; _complete_sluice; printf '%s\\n' \"${COMPREPLY[@]}\"")
                .redirectErrorStream(true)
                .start();
        String printed = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(printed).isZero();
        return printed.lines().sorted().toList();
    }

    private List<CommandLine> commands() {
        List<CommandLine> commands = new ArrayList<>();
        collect(Sluice.commandLine(Surroundings.ofThisProcess(), List.of()), commands);
        return commands;
    }

    private static void collect(CommandLine command, List<CommandLine> commands) {
        commands.add(command);
        command.getSubcommands().values().forEach(each -> collect(each, commands));
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:99999, connector list --worker, is not a worker's address",
        "http://localhost:0, connector list --worker, is not a worker's address",
        "http://localhost:70000, status --status, is no address of a status listener",
        "mqtt://localhost:70000, publish -t a --broker, is not a broker's address",
        "mqtt://localhost:0, publish -t a --broker, is not a broker's address"
    })
    void an_address_with_a_port_that_is_none_is_said(String address, String command, String sentence) {
        Tool.Ended ended = new Tool(home).run((command + " " + address).split(" ", -1));

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(2);
        assertThat(ended.err()).contains(address, sentence);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-5s", "9999999999999h", "5"})
    void a_time_that_is_none_or_longer_than_a_life_is_said(String time) {
        Tool.Ended ended =
                new Tool(home).run("connector", "restart", "a", "--worker", "http://127.0.0.1:1", "--wait=" + time);

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(2);
        assertThat(ended.err()).contains("'" + time + "' is no time; write 90s, 5m or 1h30m");
    }

    @Test
    void an_argument_that_java_could_not_read_is_said_and_not_sent() {
        Tool.Ended ended =
                new Tool(home).run("connector", "delete", "K\ufffd\ufffdln", "--worker", "http://127.0.0.1:1");

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.err())
                .isEqualToIgnoringNewLines("The argument K\ufffd\ufffdln has a character that Java cannot read in this"
                        + " locale; set LC_ALL=C.UTF-8.");
    }

    /** Words are UTF-8 also where nobody has chosen a locale, as in a container or a job of cron. */
    @ParameterizedTest
    @CsvSource({
        "'', '', '', C.UTF-8",
        "C, '', '', C.UTF-8",
        "'', POSIX, '', C.UTF-8",
        "'', '', C, C.UTF-8",
        "'', '', de_DE.UTF-8, ''",
        "'', en_US.ISO-8859-1, C, ''",
        "tr_TR.UTF-8, C, C, tr_TR.UTF-8"
    })
    void without_a_locale_the_words_of_a_command_are_utf_8(String all, String characters, String language, String given)
            throws Exception {
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nprintf %s \"$LC_ALL\"\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        ProcessBuilder sluice = new ProcessBuilder("sh", "../src/tools/bin/sluice", "status")
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        sluice.environment()
                .putAll(Map.of(
                        "JAVA_HOME",
                        home.toString(),
                        "SLUICE_TOOLS_CACHE",
                        "",
                        "LC_ALL",
                        all,
                        "LC_CTYPE",
                        characters,
                        "LANG",
                        language));

        assertThat(new String(sluice.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo(given);
    }

    @Test
    void data_that_the_standard_output_does_not_take_is_a_failure() {
        Writer full = new Writer() {
            @Override
            public void write(char[] text, int from, int length) throws IOException {
                throw new IOException("No space left on device");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        StringWriter err = new StringWriter();

        int exitCode = Sluice.run(
                new Surroundings(
                        Map.of(),
                        home,
                        InputStream.nullInputStream(),
                        new PrintWriter(full),
                        new PrintWriter(err, true)),
                "connector",
                "preset",
                "scram",
                "--kafka",
                "kafka:9092");

        assertThat(exitCode).isEqualTo(1);
        assertThat(err.toString()).startsWith("The standard output does not take all data");
    }
}
