package io.sluice.connect.config;

import com.fasterxml.jackson.core.JsonPointer;
import io.sluice.connect.format.EnvelopeNames;
import io.sluice.connect.format.ValueFormat;
import io.sluice.connect.format.ValueOptions;
import io.sluice.connect.format.schema.SchemaFile;
import io.sluice.connect.route.NamedTemplate;
import io.sluice.connect.route.PayloadSplit;
import io.sluice.connect.route.RecordValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/** The values of a route's records; a part of {@link RouteGroup}, which says where its keys begin. */
record ValueGroup(AbstractConfig values, String prefix) {

    static final String VALUE_FORMAT = "value.format";
    static final String VALUE_EMPTY = "value.empty";
    static final String VALUE_SPLIT = "value.split";
    static final String VALUE_SPLIT_MAX = "value.split.max";

    /** Begins keys whose last part users make up. */
    static final String METADATA = "metadata.";

    private static final String CLOUDEVENTS_HEADER = "ce_";

    private static final String VALUE_FORMAT_DOC = """
            What the record value is.

            | value.format | value | value.converter |
            |---|---|---|
            | `bytes` | the payload | ByteArrayConverter |
            | `string` | the payload as text, which must be UTF-8 | StringConverter |
            | `struct` | all fields of the message, with the schema `io.sluice.mqtt.Message`; `record.max.bytes` \
            counts what its fields hold | JsonConverter, or one for Avro or Protobuf |
            | `tbmq` | the JSON envelope of TBMQ's Kafka integration, payload in Base64; `tbmqIeNode` is the name of the \
            connector, `tbmqNode` that of the broker | ByteArrayConverter |
            | `tbmq-payload` | the payload as TBMQ sends it alone: in Base64 unless it is UTF-8 text | ByteArrayConverter |
            | `robustmq` | the JSON that RobustMQ documents: `header` has content type and user properties, `tags` the levels \
            of the topic | ByteArrayConverter |
            | `robustmq-record` | the JSON that RobustMQ sends since 0.3.7: bytes as arrays of numbers, without the topic \
            | ByteArrayConverter |
            | `cloudevents` | the payload, as CloudEvents 1.0 in binary mode: `ce_id` is unique and stays the same if a \
            message is delivered again, `ce_source` is `/sluice/` and the name of the broker, `ce_type` is \
            `io.sluice.mqtt.publish` or `io.sluice.mqtt.will`, `ce_subject` the topic, `ce_time` when the broker received \
            the message, `content-type` its MQTT 5 content type, unless that is `application/cloudevents…`, which stands for \
            another mode; `kafka.header.ce_<name>` adds an extension, whose name has small letters and digits, 20 at most \
            | ByteArrayConverter |
            | `json` | the payload, which must be JSON, as maps and lists without a schema, or as `value.schema` says \
            | JsonConverter; with a schema also one for Avro, Protobuf or JSON Schema |
            | `protobuf` | the payload, which must be the Protobuf message that `value.protobuf.message` names, as a struct \
            | JsonConverter, or one for Avro, Protobuf or JSON Schema |
            | `sparkplug` | messages of Sparkplug B, as `io.sluice.sparkplug.Message`: metrics with the names that births \
            have given their aliases, also births from before the task, the worker or the broker started \
            | JsonConverter, or one for Avro or Protobuf |

            Converters apply to the whole connector: put routes whose formats need different ones into separate \
            connectors, which may share a broker.""";
    private static final String VALUE_EMPTY_DOC =
            "The record value of a message with an empty payload. `payload`: the value that `value.format` makes of it."
                    + " `null`: no value, so that a compacted topic deletes the key, as MQTT deletes a retained"
                    + " message.";
    private static final String VALUE_SPLIT_DOC =
            "Makes each element of an array in a JSON payload a record, in order. A JSON pointer such as `/readings`"
                    + " names the array; `root` means that the payload is the array. `none`: a message is one record."
                    + " Templates, `filter` and `value.format` see the element as if it had been published alone;"
                    + " `{whole:/pointer}` reads the whole payload, and the header `mqtt.element` has the element's"
                    + " number. A message without such an array cannot be mapped. An element that cannot be mapped"
                    + " becomes a dead letter alone. An empty array makes no record, and counts as filtered.";
    private static final String VALUE_SPLIT_MAX_DOC =
            "The most elements of an array; a message with more cannot be mapped.";
    private static final String METADATA_DOC =
            "Template of a piece of metadata of that name, for `value.format=tbmq`, or of a field of that name, for"
                    + " `value.format=json` and `protobuf`. TBMQ's envelope already has the connector's name as"
                    + " `integrationName`, unless a template of that name replaces it. In the other formats, a field"
                    + " with empty text is left out.";

    private static final Choice<ValueFormat> FORMATS = new Choice<>(ValueFormat.class);
    private static final Choice<Empty> EMPTIES = new Choice<>(Empty.class);

    private static final String NO_SPLIT = "none";
    private static final String ROOT = "root";

    private enum Empty {
        PAYLOAD,
        NULL
    }

    static void define(Keys keys, Map<String, String> properties) {
        keys.text(VALUE_FORMAT, FORMATS.word(ValueFormat.BYTES), FORMATS)
                .as(Importance.HIGH, "Format", VALUE_FORMAT_DOC)
                .text(VALUE_EMPTY, EMPTIES.word(Empty.PAYLOAD), EMPTIES)
                .as(Importance.LOW, "Empty payloads", VALUE_EMPTY_DOC)
                .text(
                        VALUE_SPLIT,
                        NO_SPLIT,
                        new Syntax("none, root, or a JSON pointer such as /readings", ValueGroup::pointer))
                .as(Importance.MEDIUM, "Split", VALUE_SPLIT_DOC)
                .whole(VALUE_SPLIT_MAX, 1_000, ConfigDef.Range.between(1, PayloadSplit.MOST))
                .as(Importance.LOW, "Most elements", VALUE_SPLIT_MAX_DOC);
        SchemaGroup.define(keys);
        ProtobufGroup.define(keys);
        NamedTemplates.define(keys, METADATA, properties, METADATA_DOC, "Metadata");
    }

    static void validate(CheckedValues values) {
        values.text(VALUE_FORMAT).map(FORMATS::constant).ifPresent(format -> validate(values, format));
    }

    private static void validate(CheckedValues values, ValueFormat format) {
        validateMetadata(values, format);
        validateHeaders(values, format);
        HeaderGroup.validateAllowed(values, format.headers());
        if (format == ValueFormat.CLOUDEVENTS) {
            validateExtensions(values);
        }
        String word = FORMATS.word(format);
        if ((format == ValueFormat.PROTOBUF || format == ValueFormat.SPARKPLUG)
                && !values.text(VALUE_SPLIT).orElse(NO_SPLIT).equals(NO_SPLIT)) {
            values.refuse(
                    VALUE_SPLIT,
                    " splits payloads of JSON, and " + values.name(VALUE_FORMAT) + " is " + word
                            + ": leave one of them out.");
        }
        if (format == ValueFormat.SPARKPLUG
                && !values.text(RouteGroup.PAYLOAD_DECOMPRESS).orElse("none").equals("none")) {
            values.refuse(
                    RouteGroup.PAYLOAD_DECOMPRESS,
                    " is set, and " + values.name(VALUE_FORMAT)
                            + "=sparkplug already decompresses payloads of Sparkplug B: leave it out.");
        }
        SchemaGroup.validate(values, format, word);
        new ConverterCheck(values).checkValue(format, word, SchemaGroup.isTyped(values));
    }

    private static void validateHeaders(CheckedValues values, ValueFormat format) {
        values.writtenNames(HeaderGroup.KAFKA_HEADER)
                .filter(format.headers()::contains)
                .forEach(name -> values.refuse(
                        HeaderGroup.KAFKA_HEADER + name,
                        " is set, but " + values.name(VALUE_FORMAT) + "=" + FORMATS.word(format)
                                + " sets that header itself: leave it out."));
    }

    private static void validateExtensions(CheckedValues values) {
        String begin = HeaderGroup.KAFKA_HEADER + CLOUDEVENTS_HEADER;
        values.writtenNames(begin)
                .filter(name -> !name.matches("[a-z0-9]{1,20}"))
                .forEach(name -> values.refuse(
                        begin + name,
                        " names an extension of CloudEvents: its name is made of small letters and digits, 20 at"
                                + " most."));
    }

    private static void validateMetadata(CheckedValues values, ValueFormat format) {
        if (!format.carriesMetadata()) {
            values.writtenNames(METADATA)
                    .forEach(name -> values.refuse(
                            METADATA + name,
                            " is set, but " + values.name(VALUE_FORMAT) + " is " + FORMATS.word(format)
                                    + ", whose values carry no metadata: set it to tbmq, json or protobuf, or name a header with "
                                    + HeaderGroup.KAFKA_HEADER + "<name>."));
        }
    }

    ValueFormat format() {
        return FORMATS.constant(values.getString(prefix + VALUE_FORMAT));
    }

    Optional<PayloadSplit> split() {
        return pointer(values.getString(prefix + VALUE_SPLIT))
                .map(array -> new PayloadSplit(array, values.getInt(prefix + VALUE_SPLIT_MAX)));
    }

    private static Optional<JsonPointer> pointer(String text) {
        if (text.equals(NO_SPLIT)) {
            return Optional.empty();
        }
        if (!text.equals(ROOT) && !text.startsWith("/")) {
            throw new IllegalArgumentException(
                    "it is neither none nor root, nor a JSON pointer, which begins with a slash");
        }
        return Optional.of(JsonPointer.compile(text.equals(ROOT) ? "" : text));
    }

    /** @param learnt in which file of a folder a schema is kept that is learnt */
    RecordValue value(String connector, String broker, Function<Path, SchemaFile> learnt) {
        ValueFormat format = format();
        List<NamedTemplate> metadata =
                format.carriesMetadata() ? NamedTemplates.of(values.originalsStrings(), prefix + METADATA) : List.of();
        boolean emptyIsNull = EMPTIES.constant(values.getString(prefix + VALUE_EMPTY)) == Empty.NULL;
        EnvelopeNames names = new EnvelopeNames(
                connector, broker, metadata.stream().map(NamedTemplate::name).toList());
        ValueOptions options = new SchemaGroup(values, prefix).options(names, format, learnt);
        return new RecordValue(format, options, metadata, emptyIsNull);
    }
}
