package io.sluice.connect.config;

import io.sluice.connect.format.AddedFields;
import io.sluice.connect.format.AddedFields.Named;
import io.sluice.connect.format.EnvelopeNames;
import io.sluice.connect.format.MessageField;
import io.sluice.connect.format.ValueFormat;
import io.sluice.connect.format.ValueOptions;
import io.sluice.connect.format.schema.LearntSchema;
import io.sluice.connect.format.schema.PayloadSchema;
import io.sluice.connect.format.schema.ProtobufSchema;
import io.sluice.connect.format.schema.SchemaFile;
import io.sluice.connect.format.schema.UnknownFields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/** The schema of values; a part of {@link ValueGroup}, which says where its keys begin. */
record SchemaGroup(AbstractConfig values, String prefix) {

    static final String VALUE_SCHEMA = "value.schema";
    static final String VALUE_SCHEMA_FILE = "value.schema.file";
    static final String VALUE_SCHEMA_INFER_DIR = "value.schema.infer.dir";
    static final String VALUE_SCHEMA_INFER_MAX_FIELDS = "value.schema.infer.max.fields";
    static final String VALUE_SCHEMA_UNKNOWN = "value.schema.unknown";
    static final String VALUE_INCLUDE = "value.include";

    private static final String WORDS =
            Arrays.stream(MessageField.values()).map(MessageField::word).collect(Collectors.joining(", "));

    private static final String VALUE_SCHEMA_DOC =
            "The schema of payloads, for `value.format=json`: an Avro schema or a JSON Schema;"
                    + " [formats.md](formats.md#json) says which parts of them it may use. A document that has `$schema`, or the"
                    + " type `object`, is a JSON Schema; any other is Avro's. A payload that does not fit cannot be mapped. `infer`:"
                    + " Sluice [learns the schema from the payloads](formats.md#learnt-schemas). Unset, with `value.schema.file`"
                    + " unset too: values have no schema.";
    private static final String VALUE_SCHEMA_INFER_DIR_DOC =
            "The folder for the schemas that `value.schema=infer` learns, one file with a JSON Schema for each route. It must"
                    + " outlive the worker and follow the task; otherwise the schema starts over, and a schema registry may"
                    + " refuse it.";
    private static final String VALUE_SCHEMA_INFER_MAX_FIELDS_DOC =
            "How many fields `value.schema=infer` learns for a route, including those of nested objects. This also limits"
                    + " the number of versions: each adds a field, or turns one from int64 to float64.";
    private static final String VALUE_SCHEMA_FILE_DOC =
            "A file with the schema of payloads, instead of `value.schema`. The worker that checks the configuration"
                    + " and the worker that starts a task read it.";
    private static final String VALUE_SCHEMA_UNKNOWN_DOC =
            "What Sluice does with fields that the schema does not name. `drop`: it leaves them out. `keep`: the field"
                    + " `"
                    + PayloadSchema.UNKNOWN
                    + "`, a map, holds them as JSON, by their JSON pointers. `refuse`: a message that has any cannot be"
                    + " mapped. With `value.schema=infer` this is about fields that are not learnt, and the default is"
                    + " `refuse`.";
    private static final String VALUE_INCLUDE_DOC =
            "Fields that Sluice adds to the value, for `value.format=json` and `protobuf`, comma-separated, out of "
                    + Arrays.stream(MessageField.values())
                            .map(field -> "`" + field.word() + "`")
                            .collect(Collectors.joining(", "))
                    + ". `name=field` gives it another name, as in `device=clientId,receivedAt=timestamp`."
                    + " `metadata.<name>` adds the text of a template. With a schema, an added field may not have a"
                    + " name of the schema. Without a schema, it replaces a field of that name, and a payload that is"
                    + " not a JSON object cannot be mapped.";

    private static final String INFER = "infer";

    private static final String TASKS_MAX = "tasks.max";

    private static final Choice<UnknownFields> UNKNOWNS = new Choice<>(UnknownFields.class);

    private static final List<String> KEYS = List.of(
            VALUE_SCHEMA,
            VALUE_SCHEMA_FILE,
            VALUE_SCHEMA_INFER_DIR,
            VALUE_SCHEMA_INFER_MAX_FIELDS,
            VALUE_SCHEMA_UNKNOWN,
            VALUE_INCLUDE);

    static void define(Keys keys) {
        keys.text(VALUE_SCHEMA, null, new Syntax("an Avro schema, a JSON Schema, or infer", SchemaGroup::checkSchema))
                .as(Importance.MEDIUM, "Schema", VALUE_SCHEMA_DOC)
                .text(VALUE_SCHEMA_FILE, null, Syntax.FILE)
                .as(Importance.MEDIUM, "File of the schema", VALUE_SCHEMA_FILE_DOC)
                .text(VALUE_SCHEMA_INFER_DIR, null, Syntax.FOLDER)
                .onlyWhen(VALUE_SCHEMA, INFER::equals)
                .as(Importance.LOW, "Folder of learnt schemas", VALUE_SCHEMA_INFER_DIR_DOC)
                .whole(VALUE_SCHEMA_INFER_MAX_FIELDS, 200, ConfigDef.Range.between(1, 2_000))
                .onlyWhen(VALUE_SCHEMA, INFER::equals)
                .as(Importance.LOW, "Most learnt fields", VALUE_SCHEMA_INFER_MAX_FIELDS_DOC)
                .text(VALUE_SCHEMA_UNKNOWN, UNKNOWNS.word(UnknownFields.DROP), UNKNOWNS)
                .as(Importance.LOW, "Unknown fields", VALUE_SCHEMA_UNKNOWN_DOC)
                .list(VALUE_INCLUDE, null, new Syntax("fields such as clientId or device=clientId", SchemaGroup::named))
                .as(Importance.MEDIUM, "Added fields", VALUE_INCLUDE_DOC);
    }

    static void validate(CheckedValues values, ValueFormat format, String word) {
        Optional<ProtobufSchema> protobuf = ProtobufGroup.validate(values, format);
        if (format != ValueFormat.JSON) {
            String formatKey = values.name(ValueGroup.VALUE_FORMAT);
            values.refuseWritten(
                    KEYS.stream().filter(key -> !format.hasFields() || !key.equals(VALUE_INCLUDE)),
                    " has no effect with " + formatKey + "=" + word + ": set " + formatKey + "=json, or leave it out.");
        }
        if (format == ValueFormat.JSON || protobuf.isPresent()) {
            validateFields(values, format, protobuf);
        }
    }

    private static void validateFields(CheckedValues values, ValueFormat format, Optional<ProtobufSchema> protobuf) {
        Optional<String> text = values.text(VALUE_SCHEMA);
        Optional<String> file = values.text(VALUE_SCHEMA_FILE);
        if (text.isPresent() && file.isPresent()) {
            values.show(
                    VALUE_SCHEMA_FILE,
                    values.name(VALUE_SCHEMA) + " and " + values.name(VALUE_SCHEMA_FILE)
                            + " are both set: leave one of them out.");
            return;
        }
        if (text.isEmpty() && file.isEmpty()) {
            values.refuseWritten(
                    Stream.of(VALUE_SCHEMA_UNKNOWN),
                    " has no effect without a schema: set " + values.name(VALUE_SCHEMA_FILE) + ", or leave it out.");
        }
        if (text.filter(INFER::equals).isPresent()) {
            validateInfer(values);
        } else {
            values.refuseWritten(
                    Stream.of(VALUE_SCHEMA_INFER_DIR, VALUE_SCHEMA_INFER_MAX_FIELDS),
                    " has no effect without " + values.name(VALUE_SCHEMA) + "=infer: set that, or leave it out.");
        }
        String schemaKey = protobuf.isPresent()
                ? ProtobufGroup.DESCRIPTOR_FILE
                : file.isPresent() ? VALUE_SCHEMA_FILE : VALUE_SCHEMA;
        try {
            Optional<UnknownFields> unknown = values.text(VALUE_SCHEMA_UNKNOWN).map(UNKNOWNS::constant);
            Optional<PayloadSchema> schema = schema(text, file, unknown.orElse(UnknownFields.DROP));
            List<String> texts = values.writtenNames(ValueGroup.METADATA).toList();
            texts.stream()
                    .filter(name -> !MessageField.isValidName(name))
                    .forEach(
                            name -> values.refuse(
                                    ValueGroup.METADATA + name,
                                    " names a field of the value: it is made of letters, digits and _, and begins with no digit."));
            format.maker(options(
                    new EnvelopeNames("", "", texts), schema, Optional.empty(), protobuf, values.list(VALUE_INCLUDE)));
            if (schema.filter(PayloadSchema::hasNullableElements).isPresent()) {
                new ConverterCheck(values).checkNullableElements(schemaKey);
            }
        } catch (IllegalArgumentException e) {
            values.refuse(schemaKey, " cannot be used: " + e.getMessage() + ".");
        }
    }

    private static void validateInfer(CheckedValues values) {
        if (values.isAbsent(VALUE_SCHEMA_INFER_DIR)) {
            values.refuse(
                    VALUE_SCHEMA_INFER_DIR,
                    " is missing, and " + values.name(VALUE_SCHEMA)
                            + "=infer asks for it: name a folder that outlives the worker.");
        }
        String tasks = values.properties().getOrDefault(TASKS_MAX, "1").strip();
        if (BrokerGroup.isRemote(values.properties()) && !tasks.equals("1")) {
            values.refuse(
                    VALUE_SCHEMA,
                    " is infer, and " + TASKS_MAX + " is " + tasks + ": two tasks would learn two schemas, set "
                            + TASKS_MAX + "=1.");
        }
        new ConverterCheck(values).checkLearnt();
    }

    private static void checkSchema(String text) {
        if (!text.equals(INFER)) {
            PayloadSchema.of(text, UnknownFields.DROP);
        }
    }

    /** Whether values have a schema, be it right or wrong. */
    static boolean isTyped(CheckedValues values) {
        return !values.isAbsent(VALUE_SCHEMA) || !values.isAbsent(VALUE_SCHEMA_FILE);
    }

    /** The key that takes the place of another one: a route that has either does not inherit the other. */
    static Optional<String> instead(String key) {
        return switch (key) {
            case VALUE_SCHEMA -> Optional.of(VALUE_SCHEMA_FILE);
            case VALUE_SCHEMA_FILE -> Optional.of(VALUE_SCHEMA);
            default -> Optional.empty();
        };
    }

    private static Optional<PayloadSchema> schema(Optional<String> text, Optional<String> file, UnknownFields unknown) {
        return file.map(SchemaGroup::content)
                .or(() -> text.filter(document -> !document.equals(INFER)))
                .map(document -> PayloadSchema.of(document, unknown));
    }

    private static String content(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new IllegalArgumentException("the file " + file + " cannot be read as text on this worker: " + e, e);
        }
    }

    private static ValueOptions options(
            EnvelopeNames names,
            Optional<PayloadSchema> schema,
            Optional<LearntSchema> learnt,
            Optional<ProtobufSchema> protobuf,
            List<String> include) {
        List<Named> fields = include.stream().map(SchemaGroup::named).toList();
        return new ValueOptions(names, schema, learnt, protobuf, new AddedFields(fields, names.metadata()));
    }

    private static Named named(String item) {
        int equals = item.indexOf('=');
        String name = item.substring(0, Math.max(equals, 0)).strip();
        String word = item.substring(equals + 1).strip();
        MessageField field = MessageField.ofWord(word)
                .orElseThrow(() -> new IllegalArgumentException("there is no field " + word + "; there are " + WORDS));
        if (equals >= 0 && !MessageField.isValidName(name)) {
            throw new IllegalArgumentException(
                    "the name " + name + " of a field is made of letters, digits and _, and begins with no digit");
        }
        return new Named(equals < 0 ? word : name, field);
    }

    /**
     * The options of values in a valid configuration, besides their format.
     *
     * @param learnt the file in which a schema is kept that is learnt
     */
    ValueOptions options(EnvelopeNames names, ValueFormat format, Function<Path, SchemaFile> learnt) {
        if (!format.hasFields()) {
            return ValueOptions.of(names);
        }
        UnknownFields unknown = UNKNOWNS.constant(values.getString(prefix + VALUE_SCHEMA_UNKNOWN));
        List<String> include =
                Optional.ofNullable(values.getList(prefix + VALUE_INCLUDE)).orElse(List.of());
        boolean isLearnt = format == ValueFormat.JSON && INFER.equals(values.getString(prefix + VALUE_SCHEMA));
        return options(
                names,
                schema(
                        Optional.ofNullable(values.getString(prefix + VALUE_SCHEMA)),
                        Optional.ofNullable(values.getString(prefix + VALUE_SCHEMA_FILE)),
                        unknown),
                isLearnt ? Optional.of(learnt(names, include, unknown, learnt)) : Optional.empty(),
                format == ValueFormat.PROTOBUF ? Optional.of(ProtobufGroup.schema(values, prefix)) : Optional.empty(),
                include);
    }

    private LearntSchema learnt(
            EnvelopeNames names, List<String> include, UnknownFields unknown, Function<Path, SchemaFile> file) {
        boolean isSaid = values.originals().containsKey(prefix + VALUE_SCHEMA_UNKNOWN);
        Set<String> taken = Stream.of(
                        include.stream().map(SchemaGroup::named).map(Named::name),
                        names.metadata().stream(),
                        Stream.of(PayloadSchema.UNKNOWN))
                .flatMap(all -> all)
                .collect(Collectors.toSet());
        return new LearntSchema(
                file.apply(Path.of(values.getString(prefix + VALUE_SCHEMA_INFER_DIR))),
                isSaid ? unknown : UnknownFields.REFUSE,
                values.getInt(prefix + VALUE_SCHEMA_INFER_MAX_FIELDS),
                taken);
    }
}
