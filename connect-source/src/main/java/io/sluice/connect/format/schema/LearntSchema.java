package io.sluice.connect.format.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.json.JsonPayload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schema of JSON payloads as they have come so far: a JSON Schema that grows. Fields are only added, all are optional,
 * and the one type that ever changes is int64, which becomes float64. So any two states of it read what the other has
 * written, but for that one change, which reads the older only.
 *
 * <p>A new state is on disk before a record has it. A message that cannot be learnt, or that becomes no record, changes nothing:
 * what is {@linkplain #with new} in it counts when it is {@linkplain #keep kept}. Not thread-safe.
 */
public final class LearntSchema {

    private static final Logger LOG = LoggerFactory.getLogger(LearntSchema.class);

    /** Nested deeper, nothing is learnt. */
    static final int MOST_LEVELS = 10;

    static final int LONGEST_NAME = 100;

    private static final String TOO_DEEP = "it is nested deeper than " + MOST_LEVELS + " levels";

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String DRAFT = "https://json-schema.org/draft/2020-12/schema";

    private final SchemaFile file;
    private final UnknownFields unknown;
    private final int mostFields;
    private final Set<String> taken;

    /** Of parts of the document. */
    private final IdentityHashMap<ObjectNode, LearntType> types = new IdentityHashMap<>();

    /** Of properties in the document, what they are called in records. */
    private final IdentityHashMap<ObjectNode, Set<String>> names = new IdentityHashMap<>();

    private ObjectNode document;
    private PayloadSchema schema;
    private int fields;
    private boolean fullTold;

    /** Of the last message, if anything in it is new. */
    private @Nullable News news;

    private record News(ObjectNode document, PayloadSchema schema, int added) {}

    /**
     * The schema that was learnt before, or one without fields.
     *
     * @param unknown what happens to fields that are not learnt
     * @param mostFields how many are learnt, those of nested objects included
     * @param taken names of fields that are added to those of payloads
     * @throws IllegalArgumentException if what is in the file is no such schema
     */
    public LearntSchema(SchemaFile file, UnknownFields unknown, int mostFields, Set<String> taken) {
        this.file = file;
        this.unknown = unknown;
        this.mostFields = mostFields;
        this.taken = Set.copyOf(taken);
        this.document = file.read().map(this::parsed).orElseGet(LearntSchema::empty);
        this.schema = schema(document);
        this.fields = count(document);
    }

    private static ObjectNode empty() {
        ObjectNode empty = NODES.objectNode();
        empty.put("$schema", DRAFT).put("title", "Value").put("type", "object").putObject("properties");
        return empty;
    }

    private ObjectNode parsed(String text) {
        return JsonPayload.of(text.getBytes(StandardCharsets.UTF_8))
                .root()
                .filter(root -> root.path("properties").isObject())
                .map(ObjectNode.class::cast)
                .orElseThrow(
                        () -> new IllegalArgumentException("what is in " + file + " is no JSON Schema of an object"));
    }

    private PayloadSchema schema(ObjectNode of) {
        return PayloadSchema.of(of.toString(), unknown == UnknownFields.KEEP ? unknown : UnknownFields.DROP);
    }

    private static int count(JsonNode part) {
        int count = 0;
        for (JsonNode field : part.path("properties")) {
            count += 1 + count(field);
        }
        return part.has("items") ? count + count(part.get("items")) : count;
    }

    /**
     * The schema, with what is new in a payload: the same object if nothing is. What is new is forgotten with the next payload
     * unless it is {@linkplain #keep kept} before.
     *
     * @throws UnmappableException if the payload does not fit what was learnt before, or has what cannot be learnt
     */
    @SuppressWarnings("ReferenceEquality") // what is not new is the same object
    public PayloadSchema with(JsonNode payload) throws UnmappableException {
        news = null;
        if (!payload.isObject()) {
            throw new UnmappableException("its payload is " + ReadingPlace.kind(payload)
                    + ", and value.schema=infer learns the fields of objects");
        }
        Lesson lesson = new Lesson();
        ObjectNode learnt;
        try {
            learnt = lesson.merged(document, payload);
        } catch (UnmappableException | RuntimeException | StackOverflowError e) {
            forget(); // parts of a document that is not learnt
            throw e;
        }
        if (learnt == null || learnt == document) {
            return schema;
        }
        forget();
        news = new News(learnt, schema(learnt), lesson.added);
        return news.schema();
    }

    private void forget() {
        types.clear();
        names.clear();
    }

    public PayloadSchema schema() {
        return schema;
    }

    /**
     * Makes what is new in the last payload a part of the schema, on disk first.
     *
     * @throws UnmappableException if it cannot be written; the schema is as it was then
     */
    public void keep() throws UnmappableException {
        News found = news;
        news = null;
        if (found == null) {
            return;
        }
        try {
            file.write(found.document().toString());
        } catch (IOException e) {
            throw new UnmappableException("its payload has something new, and the learnt schema cannot be written to "
                    + file + ": " + e.getClass().getSimpleName());
        }
        document = found.document();
        schema = found.schema();
        fields += found.added();
    }

    /** What one payload has that is new. Parts that are as they were are the same objects. */
    @SuppressWarnings("ReferenceEquality")
    private final class Lesson {

        private final ReadingPlace place = new ReadingPlace(UnknownFields.DROP);
        private int added;

        /** What a value and all before it are; the same object if the value is nothing new. */
        @Nullable
        ObjectNode merged(@Nullable ObjectNode known, JsonNode value) throws UnmappableException {
            LearntType before = known == null ? null : types.computeIfAbsent(known, LearntType::of);
            if (value.isNull() || before == LearntType.FOREIGN) {
                return known;
            }
            LearntType type = LearntType.of(value, before);
            if (before != null && !before.becomes(type)) {
                throw place.mismatch(ReadingPlace.kind(value), before.expected());
            }
            if (type == LearntType.OBJECT) {
                return object(known, value);
            }
            if (type == LearntType.ARRAY) {
                return array(known, value);
            }
            return type == before ? known : NODES.objectNode().put("type", type.word());
        }

        private @Nullable ObjectNode array(@Nullable ObjectNode known, JsonNode value) throws UnmappableException {
            ObjectNode before = known == null ? null : (ObjectNode) known.get("items");
            if (before == null && place.depth() > MOST_LEVELS) {
                mayAdd(TOO_DEEP, value);
                return null;
            }
            ObjectNode items = before;
            for (int i = 0; i < value.size(); i++) {
                place.enter(i);
                items = merged(items, value.get(i));
                place.leave();
            }
            if (items == before || items == null) {
                return known;
            }
            ObjectNode array = NODES.objectNode().put("type", LearntType.ARRAY.word());
            array.set("items", items);
            return array;
        }

        private @Nullable ObjectNode object(@Nullable ObjectNode known, JsonNode value) throws UnmappableException {
            ObjectNode before = known == null ? NODES.objectNode() : (ObjectNode) known.get("properties");
            ObjectNode properties = before;
            Set<String> learntNames = new HashSet<>();
            for (var field : value.properties()) {
                String name = field.getKey();
                ObjectNode type = before.get(name) instanceof ObjectNode one ? one : null;
                place.enter(name);
                if (type != null
                        || (!LearntType.saysNothing(field.getValue())
                                && mayAdd(objection(name, before, learntNames), field.getValue()))) {
                    ObjectNode learnt = merged(type, field.getValue());
                    if (learnt != type) {
                        properties = properties == before ? NODES.objectNode().setAll(before) : properties;
                        properties.set(name, learnt);
                        if (type == null) {
                            added++;
                            learntNames.add(ConnectNames.valid(name));
                        }
                    }
                }
                place.leave();
            }
            if (properties == before) {
                return known;
            }
            ObjectNode object = known == null
                    ? NODES.objectNode().put("type", "object").put("title", title())
                    : NODES.objectNode().setAll(known);
            object.set("properties", properties);
            return object;
        }

        /** Of each object another one, as Avro asks for. */
        private String title() {
            StringBuilder title = new StringBuilder(document.path("title").asText("Value"));
            place.names().forEach(name -> title.append('.').append(ConnectNames.valid(name)));
            return title.toString();
        }

        private boolean mayAdd(String objection, JsonNode value) throws UnmappableException {
            if (objection.isEmpty()) {
                return true;
            }
            if (unknown == UnknownFields.REFUSE && !LearntType.saysNothing(value)) {
                throw place.notLearnt(objection);
            }
            return false;
        }

        private String objection(String name, ObjectNode before, Set<String> learntNames) {
            if (fields + added >= mostFields) {
                tellFull();
                return "it has reached value.schema.infer.max.fields, " + mostFields;
            }
            if (place.depth() > MOST_LEVELS) {
                return TOO_DEEP;
            }
            if (name.length() > LONGEST_NAME) {
                return "its name is longer than " + LONGEST_NAME + " characters";
            }
            String valid = ConnectNames.valid(name);
            if (learntNames.contains(valid) || inRecords(before).contains(valid)) {
                return "it would be called " + valid + " in records, as another one is";
            }
            return place.depth() == 1 && taken.contains(valid) ? "a field " + valid + " is added to records" : "";
        }

        private Set<String> inRecords(ObjectNode properties) {
            return properties.isEmpty()
                    ? Set.of()
                    : names.computeIfAbsent(
                            properties,
                            of -> of.propertyStream()
                                    .map(field -> ConnectNames.valid(field.getKey()))
                                    .collect(Collectors.toSet()));
        }

        private void tellFull() {
            if (!fullTold) {
                fullTold = true;
                LOG.warn(
                        "The schema that value.schema=infer has learnt in {} has reached"
                                + " value.schema.infer.max.fields, {}: Sluice learns no new field.",
                        file,
                        mostFields);
            }
        }
    }
}
