package io.simclrbeam.transforms.coders;

import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.List;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.CoderException;
import org.apache.beam.sdk.coders.CoderProvider;
import org.apache.beam.sdk.coders.CustomCoder;
import org.apache.beam.sdk.values.TypeDescriptor;

/**
 * Encodes with Java's serialization, as Beam's {@code SerializableCoder} does. Beam's coder looks
 * for classes with the class loader that Beam itself came from. On a cluster with Beam in its
 * {@code lib} folder, that loader does not know a job's classes. This coder looks for them with its
 * own class loader.
 *
 * @param <T> what is encoded
 */
public final class SerialCoder<T extends Serializable> extends CustomCoder<T> {
  private static final long serialVersionUID = 1;

  private final Class<T> type;

  private SerialCoder(Class<T> type) {
    this.type = type;
  }

  /** Encodes objects of a type. */
  public static <T extends Serializable> SerialCoder<T> of(Class<T> type) {
    return new SerialCoder<>(type);
  }

  /** What {@link org.apache.beam.sdk.coders.DefaultCoder} asks for. */
  public static CoderProvider getCoderProvider() {
    return new CoderProvider() {
      @Override
      @SuppressWarnings("unchecked") // the annotated types are serializable
      public <T> Coder<T> coderFor(TypeDescriptor<T> type, List<? extends Coder<?>> components) {
        return (Coder<T>) of(type.getRawType().asSubclass(Serializable.class));
      }
    };
  }

  @Override
  public void encode(T value, OutputStream out) throws IOException {
    ObjectOutputStream objects = new ObjectOutputStream(out);
    objects.writeObject(value);
    objects.flush();
  }

  @Override
  public T decode(InputStream in) throws IOException {
    try {
      return type.cast(new ObjectInputStream(in).readObject());
    } catch (ClassNotFoundException e) {
      throw new CoderException("cannot decode a " + type.getName(), e);
    }
  }

  @Override
  public TypeDescriptor<T> getEncodedTypeDescriptor() {
    return TypeDescriptor.of(type);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SerialCoder<?> coder && coder.type.equals(type);
  }

  @Override
  public int hashCode() {
    return type.hashCode();
  }
}
