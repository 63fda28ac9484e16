package io.simclrbeam.model.torchscript;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.tensor.TensorType;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** The part of Python's pickle protocol 2 in which libtorch keeps module objects. */
final class PickleWriter {
  private static final int PROTO = 0x80;
  private static final int STOP = '.';
  private static final int GLOBAL = 'c';
  private static final int EMPTY_TUPLE = ')';
  private static final int NEWOBJ = 0x81;
  private static final int EMPTY_DICT = '}';
  private static final int MARK = '(';
  private static final int SETITEMS = 'u';
  private static final int BUILD = 'b';
  private static final int TUPLE = 't';
  private static final int REDUCE = 'R';
  private static final int BINPERSID = 'Q';
  private static final int BINUNICODE = 'X';
  private static final int BININT = 'J';
  private static final int NEWTRUE = 0x88;
  private static final int NEWFALSE = 0x89;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  PickleWriter() {
    out.write(PROTO);
    out.write(2);
  }

  byte[] finish() {
    out.write(STOP);
    return out.toByteArray();
  }

  /** Starts an object of a class; its attributes follow as {@link #string} and value pairs. */
  void beginObject(String type) {
    global("__torch__", type);
    out.write(EMPTY_TUPLE);
    out.write(NEWOBJ);
    out.write(EMPTY_DICT);
    out.write(MARK);
  }

  void endObject() {
    out.write(SETITEMS);
    out.write(BUILD);
  }

  void emptyTuple() {
    out.write(EMPTY_TUPLE);
  }

  void string(String value) {
    byte[] bytes = value.getBytes(UTF_8);
    out.write(BINUNICODE);
    int32(bytes.length);
    out.writeBytes(bytes);
  }

  void bool(boolean value) {
    out.write(value ? NEWTRUE : NEWFALSE);
  }

  /** A contiguous tensor whose bytes are the archive's storage of the given number. */
  void tensor(Tensor tensor, int storage, boolean requiresGrad) {
    global("torch._utils", "_rebuild_tensor_v2");
    out.write(MARK);
    out.write(MARK);
    string("storage");
    global("torch", storageType(tensor.type()));
    string(Integer.toString(storage));
    string("cpu");
    integer(tensor.elements());
    out.write(TUPLE);
    out.write(BINPERSID);
    integer(0);
    integers(tensor.shape());
    integers(strides(tensor.shape()));
    bool(requiresGrad);
    global("collections", "OrderedDict");
    out.write(EMPTY_TUPLE);
    out.write(REDUCE);
    out.write(TUPLE);
    out.write(REDUCE);
  }

  private static String storageType(TensorType type) {
    return switch (type) {
      case FLOAT16 -> "HalfStorage";
      case BFLOAT16 -> "BFloat16Storage";
      case FLOAT32 -> "FloatStorage";
      case FLOAT64 -> "DoubleStorage";
      case INT64 -> "LongStorage";
    };
  }

  private static List<Long> strides(List<Long> shape) {
    Long[] strides = new Long[shape.size()];
    long stride = 1;
    for (int axis = shape.size() - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape.get(axis);
    }
    return List.of(strides);
  }

  private void integers(List<Long> values) {
    out.write(MARK);
    values.forEach(this::integer);
    out.write(TUPLE);
  }

  private void integer(long value) {
    out.write(BININT);
    int32(Math.toIntExact(value));
  }

  private void global(String module, String name) {
    out.write(GLOBAL);
    out.writeBytes((module + "\n" + name + "\n").getBytes(UTF_8));
  }

  private void int32(int value) {
    out.write(value);
    out.write(value >>> 8);
    out.write(value >>> 16);
    out.write(value >>> 24);
  }
}
