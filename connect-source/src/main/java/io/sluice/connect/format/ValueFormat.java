package io.sluice.connect.format;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Set;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;

/** The format of a record's value. */
public enum ValueFormat {
    /** The payload as it is. */
    BYTES {
        @Override
        public ValueMaker maker(ValueOptions options) {
            return (source, headers) -> new SchemaAndValue(
                    Schema.BYTES_SCHEMA, Payload.bytes(source.message().payload()));
        }
    },
    /** The payload as text, which must be UTF-8. */
    STRING {
        @Override
        public ValueMaker maker(ValueOptions options) {
            return (source, headers) -> new SchemaAndValue(
                    Schema.STRING_SCHEMA,
                    Payload.text(source.message().payload())
                            .orElseThrow(() -> new UnmappableException(
                                    "its payload is not UTF-8 text, which value.format=string requires;"
                                            + " value.format=bytes takes any payload")));
        }

        @Override
        public boolean isBytes() {
            return false;
        }
    },
    /** All that is known of the message, with a schema. */
    STRUCT {
        @Override
        public ValueMaker maker(ValueOptions options) {
            return new MessageStruct();
        }

        @Override
        public boolean isBytes() {
            return false;
        }
    },
    /** TBMQ's envelope. */
    TBMQ {
        @Override
        public ValueMaker maker(ValueOptions options) {
            return new TbmqEnvelope(options.names());
        }

        @Override
        public boolean carriesMetadata() {
            return true;
        }
    },
    /** What TBMQ sends if it is told to send the payload only: Base64 unless the payload is UTF-8 text. */
    TBMQ_PAYLOAD {
        @Override
        public ValueMaker maker(ValueOptions options) {
            return (source, headers) -> {
                ByteBuffer payload = source.message().payload();
                byte[] bytes = Payload.bytes(payload);
                return new SchemaAndValue(
                        Schema.BYTES_SCHEMA,
                        Payload.text(payload).isPresent()
                                ? bytes
                                : Base64.getEncoder().encode(bytes));
            };
        }
    },
    /** The structure that RobustMQ documents. */
    ROBUSTMQ {
        @Override
        public ValueMaker maker(ValueOptions options) {
            return new RobustmqMessage();
        }
    },
    /** The structure that RobustMQ sends. */
    ROBUSTMQ_RECORD {
        @Override
        public ValueMaker maker(ValueOptions options) {
            return new RobustmqRecord();
        }
    },
    /** CloudEvents 1.0: the payload, with attributes in headers. */
    CLOUDEVENTS {
        @Override
        public ValueMaker maker(ValueOptions options) {
            return new CloudEventValue(options.names());
        }

        @Override
        public Set<String> headers() {
            return CloudEventValue.HEADERS;
        }
    },
    /** The payload as JSON, with a schema or without. */
    JSON {
        @Override
        public ValueMaker maker(ValueOptions options) {
            return options.learnt()
                    .<ValueMaker>map(learnt -> new LearntJson(learnt, options.added()))
                    .or(() -> options.schema().map(schema -> new TypedJson(schema, options.added())))
                    .orElseGet(() -> new PlainJson(options.added()));
        }

        @Override
        public boolean isBytes() {
            return false;
        }

        @Override
        public boolean carriesMetadata() {
            return true;
        }

        @Override
        public boolean hasFields() {
            return true;
        }
    },
    /** The payload as Protobuf. */
    PROTOBUF {
        @Override
        public ValueMaker maker(ValueOptions options) {
            return new ProtobufValue(options.protobuf().orElseThrow(), options.added());
        }

        @Override
        public boolean isBytes() {
            return false;
        }

        @Override
        public boolean carriesMetadata() {
            return true;
        }

        @Override
        public boolean hasFields() {
            return true;
        }
    },
    /** Messages of Sparkplug B, with names for aliases. */
    SPARKPLUG {
        @Override
        public ValueMaker maker(ValueOptions options) {
            return new SparkplugValue();
        }

        @Override
        public boolean isBytes() {
            return false;
        }
    };

    /**
     * What makes values of this format for one route.
     *
     * @throws IllegalArgumentException if what the options add does not fit their schema
     */
    public abstract ValueMaker maker(ValueOptions options);

    /** Whether the values are bytes, for a converter that takes nothing else. */
    public boolean isBytes() {
        return true;
    }

    /** Whether the values carry the metadata of a route. */
    public boolean carriesMetadata() {
        return false;
    }

    /** Whether the values have the fields of the payload, so that a route may add others. */
    public boolean hasFields() {
        return false;
    }

    /** The headers that the format sets itself. */
    public Set<String> headers() {
        return Set.of();
    }
}
