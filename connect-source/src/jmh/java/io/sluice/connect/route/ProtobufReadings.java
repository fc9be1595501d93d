package io.sluice.connect.route;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.TextFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The benchmark's payload as Protobuf. */
final class ProtobufReadings {

    static final String MESSAGE = "acme.Reading";

    private static final String READINGS =
            "temperature: 21.57 humidity: 48.21 pressure: 1013.4 voltage: 3.312 rssi: -71";

    private ProtobufReadings() {}

    static Path descriptorFile() throws Exception {
        Path file = Files.createTempFile("reading", ".desc");
        file.toFile().deleteOnExit();
        return Files.write(
                file, FileDescriptorSet.newBuilder().addFile(file()).build().toByteArray());
    }

    static byte[] payload() throws Exception {
        Descriptor reading =
                FileDescriptor.buildFrom(file(), new FileDescriptor[] {}).findMessageTypeByName("Reading");
        DynamicMessage.Builder message = DynamicMessage.newBuilder(reading);
        TextFormat.merge(
                READINGS + " before { " + READINGS + " } device: 'north-1' firmware: '1.20.3'", message);
        return message.build().toByteArray();
    }

    private static FileDescriptorProto file() {
        DescriptorProto.Builder before = numbers("Before");
        DescriptorProto.Builder reading = numbers("Reading")
                .addField(field("before", 6, FieldDescriptorProto.Type.TYPE_MESSAGE).setTypeName(".acme.Before"))
                .addField(field("device", 7, FieldDescriptorProto.Type.TYPE_STRING))
                .addField(field("firmware", 8, FieldDescriptorProto.Type.TYPE_STRING));
        return FileDescriptorProto.newBuilder()
                .setName("reading.proto")
                .setPackage("acme")
                .setSyntax("proto3")
                .addMessageType(before)
                .addMessageType(reading)
                .build();
    }

    private static DescriptorProto.Builder numbers(String name) {
        DescriptorProto.Builder message = DescriptorProto.newBuilder().setName(name);
        for (String field : List.of("temperature", "humidity", "pressure", "voltage")) {
            message.addField(field(field, message.getFieldCount() + 1, FieldDescriptorProto.Type.TYPE_DOUBLE));
        }
        return message.addField(field("rssi", 5, FieldDescriptorProto.Type.TYPE_SINT32));
    }

    private static FieldDescriptorProto.Builder field(String name, int number, FieldDescriptorProto.Type type) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .setType(type)
                .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL);
    }
}
