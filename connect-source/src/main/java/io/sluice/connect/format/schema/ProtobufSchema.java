package io.sluice.connect.format.schema;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.sluice.connect.format.UnmappableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;

/**
 * The schema of Protobuf payloads, of a message that a descriptor file describes. Enumerations become texts,
 * {@code google.protobuf.Timestamp} Kafka Connect's Timestamp, and a field is optional if Protobuf can tell that it is absent.
 * Immutable and thread-safe.
 */
public final class ProtobufSchema {

    private static final String TIMESTAMP = "google.protobuf.Timestamp";

    private final Descriptor message;
    private final Schema schema;

    /** Keeps nothing of fields that the message does not have: few bytes of them would take much memory. */
    private final Parser<DynamicMessage> parser;

    private ProtobufSchema(Descriptor message) {
        this.message = message;
        this.schema = struct(message, new HashSet<>(), false);
        this.parser = DiscardUnknownFieldsParser.wrap(
                DynamicMessage.getDefaultInstance(message).getParserForType());
    }

    /**
     * The schema of a message.
     *
     * @param descriptors a {@code FileDescriptorSet}, as {@code protoc --include_imports --descriptor_set_out} writes it
     * @param message its full name
     * @throws IllegalArgumentException with one sentence that says what is wrong
     */
    public static ProtobufSchema of(byte[] descriptors, String message) {
        try {
            Map<String, FileDescriptorProto> files = new HashMap<>();
            FileDescriptorSet.parseFrom(descriptors).getFileList().forEach(file -> files.put(file.getName(), file));
            Map<String, FileDescriptor> built = new HashMap<>();
            for (String file : files.keySet()) {
                build(file, files, built);
            }
            return new ProtobufSchema(built.values().stream()
                    .flatMap(file -> find(file.getMessageTypes(), message).stream())
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "it describes no message " + message + ": the name has its package, as in acme.Reading")));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(
                    "it is no set of descriptors, as protoc --include_imports --descriptor_set_out writes it", e);
        } catch (DescriptorValidationException e) {
            throw new IllegalArgumentException("its descriptors do not fit each other: " + e.getMessage(), e);
        }
    }

    private static FileDescriptor build(
            String name, Map<String, FileDescriptorProto> files, Map<String, FileDescriptor> built)
            throws DescriptorValidationException {
        FileDescriptor known = built.get(name);
        if (known != null) {
            return known;
        }
        FileDescriptorProto file = files.get(name);
        if (file == null) {
            throw new IllegalArgumentException("it lacks " + name + ": make it with protoc --include_imports");
        }
        List<FileDescriptor> imports = new ArrayList<>();
        for (String imported : file.getDependencyList()) {
            imports.add(build(imported, files, built));
        }
        FileDescriptor descriptor = FileDescriptor.buildFrom(file, imports.toArray(FileDescriptor[]::new));
        built.put(name, descriptor);
        return descriptor;
    }

    private static Optional<Descriptor> find(List<Descriptor> messages, String name) {
        return messages.stream()
                .flatMap(descriptor -> descriptor.getFullName().equals(name)
                        ? Optional.of(descriptor).stream()
                        : find(descriptor.getNestedTypes(), name).stream())
                .findFirst();
    }

    private static Schema struct(Descriptor message, Set<String> open, boolean optional) {
        if (!open.add(message.getFullName())) {
            throw new IllegalArgumentException(
                    "the message " + message.getFullName() + " contains itself, which Kafka Connect has no schema for");
        }
        SchemaBuilder schema = SchemaBuilder.struct().name(message.getFullName());
        for (FieldDescriptor field : message.getFields()) {
            schema.field(field.getName(), schema(field, open));
        }
        open.remove(message.getFullName());
        return (optional ? schema.optional() : schema).build();
    }

    private static Schema schema(FieldDescriptor field, Set<String> open) {
        if (field.isMapField()) {
            List<FieldDescriptor> entry = field.getMessageType().getFields();
            return SchemaBuilder.map(single(entry.get(0), open, false), single(entry.get(1), open, false))
                    .build();
        }
        return field.isRepeated()
                ? SchemaBuilder.array(single(field, open, false)).build()
                : single(field, open, field.hasPresence() && !field.isRequired());
    }

    private static Schema single(FieldDescriptor field, Set<String> open, boolean optional) {
        if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                && !field.getMessageType().getFullName().equals(TIMESTAMP)) {
            return struct(field.getMessageType(), open, optional);
        }
        SchemaBuilder scalar = switch (field.getType()) {
            case MESSAGE, GROUP -> Timestamp.builder();
            case BOOL -> SchemaBuilder.bool();
            case INT32, SINT32, SFIXED32 -> SchemaBuilder.int32();
            case UINT32, FIXED32, INT64, SINT64, SFIXED64, UINT64, FIXED64 -> SchemaBuilder.int64();
            case FLOAT -> SchemaBuilder.float32();
            case DOUBLE -> SchemaBuilder.float64();
            case STRING, ENUM -> SchemaBuilder.string();
            case BYTES -> SchemaBuilder.bytes();
        };
        return (optional ? scalar.optional() : scalar).build();
    }

    public Schema schema() {
        return schema;
    }

    /**
     * The value of a payload.
     *
     * @param as the schema, or one that begins with its fields
     * @throws UnmappableException if the payload is no such message, or would take far more memory than itself
     */
    public Struct read(ByteBuffer payload, Schema as) throws UnmappableException {
        ByteString bytes = ByteString.copyFrom(payload.duplicate());
        try {
            ProtobufBounds.check(bytes.newCodedInput(), message);
            return struct(parser.parseFrom(bytes), as);
        } catch (IOException e) {
            throw new UnmappableException(
                    "its payload is no Protobuf message " + message.getFullName() + ": " + e.getMessage());
        }
    }

    private static Struct struct(Message message, Schema as) throws UnmappableException {
        Struct struct = new Struct(as);
        List<FieldDescriptor> fields = message.getDescriptorForType().getFields();
        for (int i = 0; i < fields.size(); i++) {
            FieldDescriptor field = fields.get(i);
            if (!field.hasPresence() || message.hasField(field)) {
                org.apache.kafka.connect.data.Field target = as.fields().get(i);
                struct.put(target, value(field, message.getField(field), target.schema()));
            }
        }
        return struct;
    }

    private static Object value(FieldDescriptor field, Object value, Schema as) throws UnmappableException {
        if (field.isMapField()) {
            List<FieldDescriptor> entry = field.getMessageType().getFields();
            Map<Object, Object> map = new LinkedHashMap<>();
            for (Object item : (List<?>) value) {
                Message pair = (Message) item;
                map.put(
                        single(entry.get(0), pair.getField(entry.get(0)), as.keySchema()),
                        single(entry.get(1), pair.getField(entry.get(1)), as.valueSchema()));
            }
            return map;
        }
        if (field.isRepeated()) {
            List<Object> list = new ArrayList<>(((List<?>) value).size());
            for (Object item : (List<?>) value) {
                list.add(single(field, item, as.valueSchema()));
            }
            return list;
        }
        return single(field, value, as);
    }

    private static Object single(FieldDescriptor field, Object value, Schema as) throws UnmappableException {
        return switch (field.getType()) {
            case MESSAGE, GROUP ->
                Timestamp.LOGICAL_NAME.equals(as.name()) ? time((Message) value) : struct((Message) value, as);
            case ENUM -> value.toString();
            case BYTES -> ((ByteString) value).toByteArray();
            case UINT32, FIXED32 -> Integer.toUnsignedLong((Integer) value);
            case UINT64, FIXED64 -> {
                if ((Long) value < 0) {
                    throw new UnmappableException("its payload has the number " + Long.toUnsignedString((Long) value)
                            + " in the field " + field.getFullName() + ", which is beyond an int64");
                }
                yield value;
            }
            default -> value;
        };
    }

    private static Date time(Message timestamp) throws UnmappableException {
        List<FieldDescriptor> fields = timestamp.getDescriptorForType().getFields();
        try {
            long ms = Instant.ofEpochSecond(
                            (Long) timestamp.getField(fields.get(0)), (Integer) timestamp.getField(fields.get(1)))
                    .toEpochMilli();
            if (ms >= TimeTypes.LEAST_MS && ms <= TimeTypes.MOST_MS) {
                return Date.from(Instant.ofEpochMilli(ms));
            }
        } catch (DateTimeException | ArithmeticException e) {
            // which is as far out of range as can be
        }
        throw new UnmappableException("its payload has a google.protobuf.Timestamp that is out of range");
    }
}
