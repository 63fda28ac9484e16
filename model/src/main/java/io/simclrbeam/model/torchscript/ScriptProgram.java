package io.simclrbeam.model.torchscript;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.tensor.Tensor;
import io.simclrbeam.model.tensor.TensorType;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript program: the tensors of a tree of modules, and methods of its root in TorchScript's
 * serialized language.
 *
 * @param tensors the tensors by dotted path; the paths make the tree
 * @param methods method sources as {@link ScriptWriter} yields them
 */
public record ScriptProgram(List<TensorSpec> tensors, List<String> methods) {
  /** The class of the root, as method sources name it. */
  static final String ROOT_TYPE = "Program";

  /** Copies the lists. */
  public ScriptProgram {
    tensors = List.copyOf(tensors);
    methods = List.copyOf(methods);
  }

  /**
   * Returns new values for every tensor, a function of the streams and the tensor names. They are
   * computed when they are asked for.
   */
  public Map<String, Tensor> initialize(RandomStreams streams) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    for (TensorSpec spec : tensors) {
      values.put(
          spec.name(),
          Tensor.computed(
              TensorType.FLOAT32,
              spec.shape(),
              () -> spec.initialization().create(spec.name(), spec.shape(), streams).data()));
    }
    return values;
  }

  /**
   * Writes the archive that torch.jit.load and DJL read. The same values give the same bytes.
   *
   * @param values a tensor for each declared name; others are ignored
   * @throws IllegalArgumentException if a tensor is missing or of another shape
   */
  public void write(Map<String, Tensor> values, OutputStream out) throws IOException {
    Node root = tree(values);
    StringBuilder code = new StringBuilder();
    declare(root, String.join("", methods), new LinkedHashMap<>(), code);
    List<Tensor> storages = new ArrayList<>();
    PickleWriter pickle = new PickleWriter();
    pickle(root, pickle, storages);

    PickleWriter constants = new PickleWriter();
    constants.emptyTuple();
    ZipOutputStream zip = new ZipOutputStream(out);
    entry(zip, "data.pkl", ByteBuffer.wrap(pickle.finish()));
    entry(zip, "code/__torch__.py", ByteBuffer.wrap(code.toString().getBytes(UTF_8)));
    for (int i = 0; i < storages.size(); i++) {
      entry(zip, "data/" + i, storages.get(i).data());
    }
    entry(zip, "constants.pkl", ByteBuffer.wrap(constants.finish()));
    entry(zip, "version", ByteBuffer.wrap("4\n".getBytes(UTF_8)));
    zip.finish();
  }

  private Node tree(Map<String, Tensor> values) {
    Node root = new Node();
    for (TensorSpec spec : tensors) {
      Tensor value = values.get(spec.name());
      if (value == null || !value.shape().equals(spec.shape())) {
        throw new IllegalArgumentException(
            "tensor %s must be of shape %s, but is %s"
                .formatted(spec.name(), spec.shape(), value == null ? "missing" : value.shape()));
      }
      Node node = root;
      String[] path = spec.name().split("\\.", -1);
      for (int i = 0; i < path.length - 1; i++) {
        node = node.children.computeIfAbsent(path[i], name -> new Node());
      }
      node.tensors.put(path[path.length - 1], new Leaf(spec.role(), value));
    }
    return root;
  }

  /** Declares the class of a node after those of its children; nodes of equal make share one. */
  private static void declare(
      Node node, String methods, Map<String, String> types, StringBuilder code) {
    node.children.values().forEach(child -> declare(child, "", types, code));
    StringBuilder body = new StringBuilder();
    body.append("  __parameters__ = ").append(node.names(Role::isParameter)).append('\n');
    body.append("  __buffers__ = ").append(node.names(r -> !r.isParameter())).append('\n');
    if (!node.children.keySet().stream().allMatch(ScriptWriter::isIdentifier)) {
      body.append("  __annotations__ = []\n");
    }
    node.tensors.keySet().forEach(name -> attribute(body, name, "Tensor"));
    attribute(body, "training", "bool");
    node.children.forEach((name, child) -> attribute(body, name, "__torch__." + child.type));
    body.append(methods);
    String make = body.toString();
    String known = types.get(make);
    node.type = known != null ? known : methods.isEmpty() ? "Module" + types.size() : ROOT_TYPE;
    if (known == null) {
      types.put(make, node.type);
      code.append("class ").append(node.type).append("(Module):\n").append(make);
    }
  }

  private static void attribute(StringBuilder body, String name, String type) {
    String target =
        ScriptWriter.isIdentifier(name) ? name + " : " : "__annotations__[\"" + name + "\"] = ";
    body.append("  ").append(target).append(type).append('\n');
  }

  private static void pickle(Node node, PickleWriter pickle, List<Tensor> storages) {
    pickle.beginObject(node.type);
    node.tensors.forEach(
        (name, leaf) -> {
          pickle.string(name);
          pickle.tensor(leaf.value, storages.size(), leaf.role.isParameter());
          storages.add(leaf.value);
        });
    pickle.string("training");
    pickle.bool(false);
    node.children.forEach(
        (name, child) -> {
          pickle.string(name);
          pickle(child, pickle, storages);
        });
    pickle.endObject();
  }

  private static void entry(ZipOutputStream zip, String name, ByteBuffer bytes) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(bytes.duplicate());
    ZipEntry entry = new ZipEntry("archive/" + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.remaining());
    entry.setCrc(crc.getValue());
    entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
    zip.putNextEntry(entry);
    WritableByteChannel channel = Channels.newChannel(zip);
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    zip.closeEntry();
  }

  private record Leaf(Role role, Tensor value) {}

  /** A module of the tree: an object of the archive. */
  private static final class Node {
    final Map<String, Leaf> tensors = new LinkedHashMap<>();
    final Map<String, Node> children = new LinkedHashMap<>();
    String type = "";

    String names(Predicate<Role> wanted) {
      return tensors.entrySet().stream()
          .filter(entry -> wanted.test(entry.getValue().role))
          .map(entry -> '"' + entry.getKey() + "\", ")
          .collect(Collectors.joining("", "[", "]"));
    }
  }
}
