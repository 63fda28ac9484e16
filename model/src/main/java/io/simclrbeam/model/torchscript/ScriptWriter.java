package io.simclrbeam.model.torchscript;

import com.google.errorprone.annotations.FormatMethod;
import io.simclrbeam.model.torchscript.TensorSpec.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes a {@link ScriptProgram} statement by statement: an expression goes in, the name of the
 * variable that holds its value comes out. Tensors are declared where they are first used.
 */
public final class ScriptWriter {
  private static final String INDENT = "    ";

  /** Words of the language that a tensor may well be named by. */
  private static final Set<String> KEYWORDS =
      Set.of(
          "and",
          "as",
          "assert",
          "break",
          "class",
          "continue",
          "def",
          "del",
          "elif",
          "else",
          "except",
          "finally",
          "for",
          "from",
          "global",
          "if",
          "import",
          "in",
          "is",
          "lambda",
          "nonlocal",
          "not",
          "or",
          "pass",
          "raise",
          "return",
          "try",
          "while",
          "with",
          "yield");

  private final Map<String, TensorSpec> tensors = new LinkedHashMap<>();
  private final List<String> methods = new ArrayList<>();
  private StringBuilder body = new StringBuilder();
  private int variables;

  /**
   * Declares a tensor, if it is not yet, and returns the expression that reads it.
   *
   * @throws IllegalArgumentException if it was declared otherwise
   */
  public String tensor(String name, List<Long> shape, Role role, Initialization initialization) {
    TensorSpec spec = new TensorSpec(name, shape, role, initialization);
    TensorSpec known = tensors.putIfAbsent(name, spec);
    if (known != null && !known.equals(spec)) {
      throw new IllegalArgumentException(
          "tensor %s is declared as %s and as %s".formatted(name, known, spec));
    }
    return read(name);
  }

  /** Returns the expression that reads a tensor by its dotted path. */
  public static String read(String name) {
    String expression = "self";
    for (String part : name.split("\\.", -1)) {
      expression =
          isIdentifier(part)
              ? expression + "." + part
              : "getattr(%s, \"%s\")".formatted(expression, part);
    }
    return expression;
  }

  /** Returns the tensors declared so far, in order. */
  public List<TensorSpec> tensors() {
    return List.copyOf(tensors.values());
  }

  /** Assigns an expression, formatted as by {@link String#format}, to a new variable. */
  @FormatMethod
  public String let(String format, Object... arguments) {
    String variable = "v" + variables++;
    run("%s = %s", variable, String.format(format, arguments));
    return variable;
  }

  /** Adds a statement, formatted as by {@link String#format}. */
  @FormatMethod
  public void run(String format, Object... arguments) {
    body.append(INDENT).append(String.format(format, arguments)).append('\n');
  }

  /** Returns the expression of a list. */
  public static String list(Stream<String> items) {
    return items.collect(Collectors.joining(", ", "[", "]"));
  }

  /**
   * Ends a method, made of the statements added since the last one.
   *
   * @param name the method's name
   * @param parameters its parameters with types, such as {@code "images: Tensor"}
   * @param type the type it returns, such as {@code "Tensor"}
   * @param result the expression it returns
   */
  public void method(String name, List<String> parameters, String type, String result) {
    String arguments =
        Stream.concat(Stream.of("self: __torch__." + ScriptProgram.ROOT_TYPE), parameters.stream())
            .collect(Collectors.joining(", "));
    methods.add(
        "  def %s(%s) -> %s:\n%s%sreturn %s\n"
            .formatted(name, arguments, type, body, INDENT, result));
    body = new StringBuilder();
  }

  /** Returns the program made of all tensors and methods. */
  public ScriptProgram program() {
    return new ScriptProgram(tensors(), methods);
  }

  static boolean isIdentifier(String name) {
    return !Character.isDigit(name.charAt(0)) && !KEYWORDS.contains(name);
  }
}
