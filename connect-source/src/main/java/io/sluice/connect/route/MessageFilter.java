package io.sluice.connect.route;

import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelVariableResolver;
import io.sluice.connect.format.UnmappableException;
import io.sluice.message.Message;
import io.sluice.message.UserProperty;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An expression in the Common Expression Language (CEL) that says which messages a route takes. It has no access to
 * anything but the message, always ends, and its regular expressions take time that is linear in the text (RE2).
 * Compiled once; immutable and thread-safe.
 */
public final class MessageFilter {

    /** The variables of an expression, as the documentation lists them. */
    public static final String VARIABLES = "`topic`, `levels` (the levels of the topic), `clientId`, `username`, `qos`,"
            + " `retained`, `contentType`, `properties` (MQTT 5 user properties by name), `json` (the payload, if it is JSON)"
            + " and `receivedAtMs`";

    private static final int MOST_ITERATIONS = 10_000;
    private static final int LONGEST = 10_000;

    /** In bytes, by one message: what takes a second or so. */
    private static final long MOST_READ = 16L << 20;

    private static final long PROPERTY = 20;

    private static final CelOptions OPTIONS = CelOptions.current()
            .maxExpressionCodePointSize(LONGEST)
            .comprehensionMaxIterations(MOST_ITERATIONS)
            .enableHeterogeneousNumericComparisons(true)
            .build();

    private static final CelCompiler COMPILER = CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(OPTIONS)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addVar("topic", SimpleType.STRING)
            .addVar("levels", ListType.create(SimpleType.STRING))
            .addVar("clientId", SimpleType.STRING)
            .addVar("username", SimpleType.STRING)
            .addVar("qos", SimpleType.INT)
            .addVar("retained", SimpleType.BOOL)
            .addVar("contentType", SimpleType.STRING)
            .addVar("properties", MapType.create(SimpleType.STRING, SimpleType.STRING))
            .addVar("json", SimpleType.DYN)
            .addVar("receivedAtMs", SimpleType.INT)
            .setResultType(SimpleType.BOOL)
            .build();

    private static final CelRuntime RUNTIME =
            CelRuntimeFactory.plannerRuntimeBuilder().setOptions(OPTIONS).build();

    private final String expression;
    private final CelRuntime.Program program;

    private MessageFilter(String expression, CelRuntime.Program program) {
        this.expression = expression;
        this.program = program;
    }

    /**
     * Compiles an expression.
     *
     * @throws IllegalArgumentException with what is wrong, and where
     */
    public static MessageFilter of(String expression) {
        try {
            return new MessageFilter(
                    expression,
                    RUNTIME.createProgram(COMPILER.compile(expression).getAst()));
        } catch (CelValidationException | CelEvaluationException e) {
            throw new IllegalArgumentException("it is not a condition in CEL: " + e.getMessage(), e);
        }
    }

    /** @throws UnmappableException if the message lacks a field of the expression, or is nested too deeply for it */
    boolean matches(MessageFields fields) throws UnmappableException {
        Variables variables = new Variables(fields);
        try {
            return Boolean.TRUE.equals(program.eval(variables));
        } catch (CelEvaluationException e) {
            throw new UnmappableException(
                    variables.areReadTooOften()
                            ? "its filter " + expression
                                    + " names json or properties in a loop, where each step reads all of"
                                    + " them, and that is too much"
                            : "its filter " + expression + " cannot be evaluated: " + e.getMessage()
                                    + "; check with has(json.field) first");
        } catch (StackOverflowError e) {
            throw new UnmappableException(
                    "its filter " + expression + " cannot be evaluated: the payload is nested too deeply");
        }
    }

    /** Of one message. CEL asks for a variable wherever one stands, also in each step of a loop, and walks over all of it. */
    private static final class Variables implements CelVariableResolver {

        private final MessageFields fields;
        private final Map<String, Optional<Object>> known = new HashMap<>();
        private long read;

        Variables(MessageFields fields) {
            this.fields = fields;
        }

        @Override
        public Optional<Object> find(String name) {
            Message message = fields.message();
            read += switch (name) {
                case "json" -> message.payload().remaining();
                case "properties" ->
                    PROPERTY * message.properties().userProperties().size();
                default -> 0;
            };
            if (areReadTooOften()) {
                throw new IllegalStateException("it reads too much");
            }
            return known.computeIfAbsent(name, of -> variable(of, fields));
        }

        boolean areReadTooOften() {
            return read > MOST_READ;
        }
    }

    private static Optional<Object> variable(String name, MessageFields fields) {
        Message message = fields.message();
        return switch (name) {
            case "topic" -> Optional.of(message.topic());
            case "levels" -> Optional.of(List.of(message.topic().split("/", -1)));
            case "clientId" -> Optional.of(message.clientId());
            case "username" -> Optional.of(message.username().orElse(""));
            case "qos" -> Optional.of((long) message.qos().level());
            case "retained" -> Optional.of(message.retained());
            case "contentType" -> Optional.of(message.properties().contentType().orElse(""));
            case "properties" -> Optional.of(properties(message.properties().userProperties()));
            case "json" -> fields.json().values();
            case "receivedAtMs" -> Optional.of(message.receivedAtMs());
            default -> Optional.empty();
        };
    }

    /** Of properties that share a name the last one counts. */
    private static Map<String, String> properties(List<UserProperty> properties) {
        Map<String, String> byName = new HashMap<>();
        properties.forEach(property -> byName.put(property.name(), property.value()));
        return byName;
    }
}
