package io.sluice.connect.config;

import io.sluice.connect.format.ValueFormat;
import io.sluice.connect.format.schema.ProtobufSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef.Importance;

/** How Protobuf payloads are read; a part of {@link ValueGroup}, which says where its keys begin. */
final class ProtobufGroup {

    static final String DESCRIPTOR_FILE = "value.protobuf.descriptor.file";
    static final String MESSAGE = "value.protobuf.message";

    private static final String DESCRIPTOR_FILE_DOC =
            "The file that describes payloads for `value.format=protobuf`, as `protoc --include_imports"
                    + " --descriptor_set_out=FILE` writes it. The worker that checks the configuration and the worker"
                    + " that starts a task read it.";
    private static final String MESSAGE_DOC =
            "The Protobuf message of the payloads, with its package, such as `acme.Reading`.";

    private static final List<String> KEYS = List.of(DESCRIPTOR_FILE, MESSAGE);

    private ProtobufGroup() {}

    static void define(Keys keys) {
        keys.text(DESCRIPTOR_FILE, null, Syntax.FILE)
                .as(Importance.MEDIUM, "Protobuf descriptors", DESCRIPTOR_FILE_DOC)
                .text(MESSAGE, null, null)
                .as(Importance.MEDIUM, "Protobuf message", MESSAGE_DOC);
    }

    /** Checks the keys, and says what is read by them if they are right. */
    static Optional<ProtobufSchema> validate(CheckedValues values, ValueFormat format) {
        String formatKey = values.name(ValueGroup.VALUE_FORMAT);
        if (format != ValueFormat.PROTOBUF) {
            values.refuseWritten(
                    KEYS.stream(), " has no effect without " + formatKey + "=protobuf: set that, or leave it out.");
            return Optional.empty();
        }
        Optional<String> file = values.text(DESCRIPTOR_FILE);
        Optional<String> message = values.text(MESSAGE);
        KEYS.stream()
                .filter(values::isAbsent)
                .forEach(key -> values.refuse(key, " is missing, and " + formatKey + "=protobuf asks for it."));
        if (file.isEmpty() || message.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(schema(file.get(), message.get()));
        } catch (IllegalArgumentException e) {
            values.refuse(DESCRIPTOR_FILE, " cannot be used: " + e.getMessage() + ".");
            return Optional.empty();
        }
    }

    static ProtobufSchema schema(AbstractConfig values, String prefix) {
        return schema(values.getString(prefix + DESCRIPTOR_FILE), values.getString(prefix + MESSAGE));
    }

    private static ProtobufSchema schema(String file, String message) {
        try {
            return ProtobufSchema.of(Files.readAllBytes(Path.of(file)), message);
        } catch (IOException e) {
            throw new IllegalArgumentException("the file " + file + " cannot be read on this worker: " + e, e);
        }
    }
}
