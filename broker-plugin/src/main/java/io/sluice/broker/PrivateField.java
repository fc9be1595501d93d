package io.sluice.broker;

import java.lang.reflect.Field;

/** What Moquette keeps to itself. */
final class PrivateField {

    private PrivateField() {}

    /**
     * The value of a field.
     *
     * @throws ReflectiveOperationException if there is no such field, or nothing in it
     * @throws ClassCastException if it is of another type
     */
    static <T> T value(Class<?> type, String name, Object of, Class<T> as) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        T value = as.cast(field.get(of));
        if (value == null) {
            throw new NoSuchFieldException(type.getName() + "." + name + " is empty");
        }
        return value;
    }
}
