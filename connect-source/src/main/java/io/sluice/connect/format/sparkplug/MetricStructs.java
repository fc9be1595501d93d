package io.sluice.connect.format.sparkplug;

import com.google.protobuf.ByteString;
import io.sluice.connect.format.AliasNames;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.format.sparkplug.MetricNames.Named;
import io.sluice.connect.format.sparkplug.wire.DataSet;
import io.sluice.connect.format.sparkplug.wire.DataSetValue;
import io.sluice.connect.format.sparkplug.wire.MetaData;
import io.sluice.connect.format.sparkplug.wire.Metric;
import io.sluice.connect.format.sparkplug.wire.Parameter;
import io.sluice.connect.format.sparkplug.wire.PropertySet;
import io.sluice.connect.format.sparkplug.wire.PropertyValue;
import io.sluice.connect.format.sparkplug.wire.Row;
import io.sluice.connect.format.sparkplug.wire.Template;
import io.sluice.message.SparkplugTopic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.connect.data.Struct;

/** The metrics of one message as structs. Not thread-safe. */
final class MetricStructs {

    /** Of all names together: an alias stands for one, and members and properties repeat those of what they are in. */
    private static final int MOST_NAME_CHARACTERS = 8 << 20;

    private final SparkplugTopic topic;
    private final AliasNames names;
    private final PackedArrays arrays = new PackedArrays();
    private long nameCharacters;

    MetricStructs(SparkplugTopic topic, AliasNames names) {
        this.topic = topic;
        this.names = names;
    }

    Struct of(Metric metric) throws UnmappableException {
        Optional<Named> known = metric.hasAlias() && (!metric.hasName() || metric.getDatatype() == 0)
                ? names.of(topic, metric.getAlias())
                : Optional.empty();
        boolean isNameless = metric.hasAlias() && !metric.hasName() && known.isEmpty();
        if (isNameless) {
            names.missing(topic);
        }
        DataType type = DataType.of(
                metric.getDatatype() == 0 ? known.map(Named::datatype).orElse(0) : metric.getDatatype());
        Struct struct = new Struct(SparkplugSchema.METRIC)
                .put("alias_unknown", isNameless)
                .put("is_historical", metric.getIsHistorical())
                .put("is_transient", metric.getIsTransient())
                .put("properties", properties(metric));
        if (metric.hasName()) {
            struct.put("name", counted(metric.getName()));
        } else if (known.isPresent()) {
            struct.put("name", counted(known.get().name()));
        }
        put(struct, "alias", metric.hasAlias(), metric.getAlias());
        if (metric.hasMetadata()) {
            struct.put("metadata", metaData(metric.getMetadata()));
        }
        putValue(metric, type, struct);
        if (metric.hasTemplateValue()) {
            struct.put("template", template(metric.getTemplateValue()));
        }
        return struct;
    }

    private void putValue(Metric metric, DataType type, Struct to) throws UnmappableException {
        to.put("is_null", metric.getIsNull());
        if (type != DataType.UNKNOWN) {
            to.put("datatype", type.label());
        }
        if (metric.hasTimestamp()) {
            to.put("timestamp", TypedValue.moment(metric.getTimestamp()));
        }
        if (metric.hasDatasetValue()) {
            to.put("dataset", dataSet(metric.getDatasetValue()));
        }
        if (metric.hasBytesValue()) {
            putBytes(metric.getBytesValue(), type, to);
        } else {
            TypedValue.put(to, type, TypedValue.of(metric));
        }
    }

    private void putBytes(ByteString bytes, DataType type, Struct to) {
        Struct array = arrays.of(type, bytes.asReadOnlyByteBuffer());
        if (array == null) {
            to.put("bytes_value", bytes.toByteArray());
        } else {
            to.put("array_value", array);
        }
    }

    private static Struct metaData(MetaData data) {
        Struct struct = new Struct(SparkplugSchema.META_DATA);
        put(struct, "is_multi_part", data.hasIsMultiPart(), data.getIsMultiPart());
        put(struct, "content_type", data.hasContentType(), data.getContentType());
        put(struct, "size", data.hasSize(), data.getSize());
        put(struct, "seq", data.hasSeq(), data.getSeq());
        put(struct, "file_name", data.hasFileName(), data.getFileName());
        put(struct, "file_type", data.hasFileType(), data.getFileType());
        put(struct, "md5", data.hasMd5(), data.getMd5());
        put(struct, "description", data.hasDescription(), data.getDescription());
        return struct;
    }

    static void put(Struct to, String field, boolean isThere, Object value) {
        if (isThere) {
            to.put(field, value);
        }
    }

    private static Struct dataSet(DataSet set) throws UnmappableException {
        List<String> types = new ArrayList<>(set.getTypesCount());
        for (int type : set.getTypesList()) {
            types.add(DataType.of(type).label());
        }
        List<Struct> rows = new ArrayList<>(set.getRowsCount());
        for (Row row : set.getRowsList()) {
            List<Struct> cells = new ArrayList<>(row.getElementsCount());
            for (DataSetValue cell : row.getElementsList()) {
                int column = cells.size();
                Struct struct = new Struct(SparkplugSchema.CELL);
                TypedValue.put(
                        struct,
                        column < set.getTypesCount() ? DataType.of(set.getTypes(column)) : DataType.UNKNOWN,
                        TypedValue.of(cell));
                cells.add(struct);
            }
            rows.add(new Struct(SparkplugSchema.ROW).put("cells", cells));
        }
        return new Struct(SparkplugSchema.DATA_SET)
                .put("columns", List.copyOf(set.getColumnsList()))
                .put("types", types)
                .put("rows", rows);
    }

    private Struct template(Template template) throws UnmappableException {
        List<Struct> parameters = new ArrayList<>(template.getParametersCount());
        for (Parameter parameter : template.getParametersList()) {
            DataType type = DataType.of(parameter.getType());
            Struct struct = new Struct(SparkplugSchema.PARAMETER).put("datatype", type.label());
            put(struct, "name", parameter.hasName(), parameter.getName());
            TypedValue.put(struct, type, TypedValue.of(parameter));
            parameters.add(struct);
        }
        List<Struct> members = new ArrayList<>(template.getMetricsCount());
        addMembers(template, "", members);
        Struct struct = new Struct(SparkplugSchema.TEMPLATE)
                .put("is_definition", template.getIsDefinition())
                .put("parameters", parameters)
                .put("members", members);
        put(struct, "version", template.hasVersion(), template.getVersion());
        put(struct, "template_ref", template.hasTemplateRef(), template.getTemplateRef());
        return struct;
    }

    private void addMembers(Template template, String path, List<Struct> to) throws UnmappableException {
        for (Metric member : template.getMetricsList()) {
            String name = counted(path + member.getName());
            Struct struct = new Struct(SparkplugSchema.MEMBER).put("name", name);
            putValue(member, DataType.of(member.getDatatype()), struct);
            to.add(struct);
            if (member.hasTemplateValue()) {
                addMembers(member.getTemplateValue(), name + "/", to);
            }
        }
    }

    private List<Struct> properties(Metric metric) throws UnmappableException {
        List<Struct> properties = new ArrayList<>(metric.getProperties().getKeysCount());
        addProperties(metric.getProperties(), "", properties);
        return properties;
    }

    private void addProperties(PropertySet set, String path, List<Struct> to) throws UnmappableException {
        if (set.getKeysCount() != set.getValuesCount()) {
            throw new UnmappableException("its payload has a set of properties with " + set.getKeysCount()
                    + " keys and " + set.getValuesCount() + " values");
        }
        for (int i = 0; i < set.getKeysCount(); i++) {
            PropertyValue property = set.getValues(i);
            DataType type = DataType.of(property.getType());
            String name = counted(path + set.getKeys(i));
            Struct struct = new Struct(SparkplugSchema.PROPERTY)
                    .put("name", name)
                    .put("datatype", type.label())
                    .put("is_null", property.getIsNull());
            TypedValue.put(struct, type, TypedValue.of(property));
            to.add(struct);
            if (property.hasPropertysetValue()) {
                addProperties(property.getPropertysetValue(), name + "/", to);
            }
            for (int j = 0; j < property.getPropertysetsValue().getPropertysetCount(); j++) {
                addProperties(property.getPropertysetsValue().getPropertyset(j), name + "[" + j + "]/", to);
            }
        }
    }

    private String counted(String name) throws UnmappableException {
        nameCharacters += name.length();
        if (nameCharacters > MOST_NAME_CHARACTERS) {
            throw new UnmappableException("the names of the metrics and properties in its payload would have more than "
                    + MOST_NAME_CHARACTERS
                    + " characters, with those that aliases stand for and those of their parents");
        }
        return name;
    }
}
