package io.sluice.connect.format.sparkplug;

import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Timestamp;

/**
 * The schema of records of Sparkplug B messages. Kafka Connect has no schema for what contains itself: the metrics of a
 * template are in one list, however deep they lie, and so are the properties of a metric; their names say where they
 * were. A field that is added later is optional and raises the schema's version; none is ever removed or changed.
 */
public final class SparkplugSchema {

    private static final String PREFIX = "io.sluice.sparkplug.";

    static final Schema ARRAY = struct("Array")
            .optional()
            .field("longs", SchemaBuilder.array(Schema.INT64_SCHEMA).build())
            .field("doubles", SchemaBuilder.array(Schema.FLOAT64_SCHEMA).build())
            .field("booleans", SchemaBuilder.array(Schema.BOOLEAN_SCHEMA).build())
            .field("strings", SchemaBuilder.array(Schema.STRING_SCHEMA).build())
            .build();

    static final Schema CELL = values(struct("Cell")).build();

    static final Schema ROW =
            struct("Row").field("cells", SchemaBuilder.array(CELL).build()).build();

    static final Schema DATA_SET = struct("DataSet")
            .optional()
            .field("columns", SchemaBuilder.array(Schema.STRING_SCHEMA).build())
            .field("types", SchemaBuilder.array(Schema.STRING_SCHEMA).build())
            .field("rows", SchemaBuilder.array(ROW).build())
            .build();

    static final Schema PROPERTY = values(struct("Property")
                    .field("name", Schema.STRING_SCHEMA)
                    .field("datatype", Schema.OPTIONAL_STRING_SCHEMA)
                    .field("is_null", Schema.BOOLEAN_SCHEMA))
            .build();

    static final Schema PARAMETER = values(struct("Parameter")
                    .field("name", Schema.OPTIONAL_STRING_SCHEMA)
                    .field("datatype", Schema.OPTIONAL_STRING_SCHEMA))
            .build();

    static final Schema META_DATA = struct("MetaData")
            .optional()
            .field("is_multi_part", Schema.OPTIONAL_BOOLEAN_SCHEMA)
            .field("content_type", Schema.OPTIONAL_STRING_SCHEMA)
            .field("size", Schema.OPTIONAL_INT64_SCHEMA)
            .field("seq", Schema.OPTIONAL_INT64_SCHEMA)
            .field("file_name", Schema.OPTIONAL_STRING_SCHEMA)
            .field("file_type", Schema.OPTIONAL_STRING_SCHEMA)
            .field("md5", Schema.OPTIONAL_STRING_SCHEMA)
            .field("description", Schema.OPTIONAL_STRING_SCHEMA)
            .build();

    static final Schema MEMBER = values(struct("Member")
                    .field("name", Schema.OPTIONAL_STRING_SCHEMA)
                    .field("datatype", Schema.OPTIONAL_STRING_SCHEMA)
                    .field("timestamp", Timestamp.builder().optional().build())
                    .field("is_null", Schema.BOOLEAN_SCHEMA))
            .field("dataset", DATA_SET)
            .build();

    static final Schema TEMPLATE = struct("Template")
            .optional()
            .field("version", Schema.OPTIONAL_STRING_SCHEMA)
            .field("template_ref", Schema.OPTIONAL_STRING_SCHEMA)
            .field("is_definition", Schema.BOOLEAN_SCHEMA)
            .field("parameters", SchemaBuilder.array(PARAMETER).build())
            .field("members", SchemaBuilder.array(MEMBER).build())
            .build();

    static final Schema METRIC = values(struct("Metric")
                    .field("name", optional(SchemaBuilder.string(), "As the metric itself or its birth says."))
                    .field("alias", Schema.OPTIONAL_INT64_SCHEMA)
                    .field(
                            "alias_unknown",
                            SchemaBuilder.bool()
                                    .doc("Whether no birth is known that says what the alias stands for.")
                                    .build())
                    .field("datatype", optional(SchemaBuilder.string(), "As the metric itself or its birth says."))
                    .field("timestamp", Timestamp.builder().optional().build())
                    .field("is_historical", Schema.BOOLEAN_SCHEMA)
                    .field("is_transient", Schema.BOOLEAN_SCHEMA)
                    .field("is_null", Schema.BOOLEAN_SCHEMA))
            .field("dataset", DATA_SET)
            .field("template", TEMPLATE)
            .field("metadata", META_DATA)
            .field("properties", SchemaBuilder.array(PROPERTY).build())
            .build();

    public static final Schema MESSAGE = struct("Message")
            .doc("A message of Sparkplug B.")
            .field("topic", Schema.STRING_SCHEMA)
            .field("type", SchemaBuilder.string().doc("NBIRTH, DDATA …, STATE.").build())
            .field("group", Schema.OPTIONAL_STRING_SCHEMA)
            .field("edge_node", Schema.OPTIONAL_STRING_SCHEMA)
            .field("device", Schema.OPTIONAL_STRING_SCHEMA)
            .field("host", optional(SchemaBuilder.string(), "The host application that a STATE is of."))
            .field("online", optional(SchemaBuilder.bool(), "What a STATE says."))
            .field("timestamp", Timestamp.builder().optional().build())
            .field("seq", Schema.OPTIONAL_INT64_SCHEMA)
            .field("bd_seq", optional(SchemaBuilder.int64(), "Of the metric bdSeq, which pairs births and deaths."))
            .field("uuid", Schema.OPTIONAL_STRING_SCHEMA)
            .field("body", Schema.OPTIONAL_BYTES_SCHEMA)
            .field("metrics", SchemaBuilder.array(METRIC).build())
            .build();

    private SparkplugSchema() {}

    private static SchemaBuilder struct(String name) {
        return SchemaBuilder.struct().name(PREFIX + name).version(1);
    }

    private static Schema optional(SchemaBuilder schema, String documentation) {
        return schema.optional().doc(documentation).build();
    }

    /** Adds the fields of which one holds the value, as its type says. */
    private static SchemaBuilder values(SchemaBuilder schema) {
        return schema.field("long_value", Schema.OPTIONAL_INT64_SCHEMA)
                .field("float_value", Schema.OPTIONAL_FLOAT32_SCHEMA)
                .field("double_value", Schema.OPTIONAL_FLOAT64_SCHEMA)
                .field("boolean_value", Schema.OPTIONAL_BOOLEAN_SCHEMA)
                .field("string_value", Schema.OPTIONAL_STRING_SCHEMA)
                .field("timestamp_value", Timestamp.builder().optional().build())
                .field("bytes_value", Schema.OPTIONAL_BYTES_SCHEMA)
                .field("array_value", ARRAY);
    }
}
