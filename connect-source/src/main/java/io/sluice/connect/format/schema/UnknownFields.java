package io.sluice.connect.format.schema;

/** What happens to fields of a payload that its schema does not name. */
public enum UnknownFields {
    /** They are left out. */
    DROP,
    /** They are kept beside the others, in the map {@link PayloadSchema#UNKNOWN}. */
    KEEP,
    /** A payload that has any cannot be mapped. */
    REFUSE
}
