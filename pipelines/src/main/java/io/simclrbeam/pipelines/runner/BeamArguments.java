package io.simclrbeam.pipelines.runner;

import java.beans.Introspector;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.util.Collection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.options.PipelineOptionsRegistrar;

/**
 * Makes Beam's options of arguments. When Beam's factory starts, it registers the options of all
 * libraries on the class path, and checks each interface against all before it, which takes a
 * second or two. {@link #ownFactory} makes it start with none; those that are given are registered
 * here.
 */
public final class BeamArguments {
  private static final Pattern GETTER = Pattern.compile("(?:get|is)([A-Z].*)");

  private static final String REGISTRARS =
      "META-INF/services/" + PipelineOptionsRegistrar.class.getName();

  private static volatile boolean isOwn;
  private static boolean isStarted;

  private BeamArguments() {}

  /** The interfaces on the class path that declare an option, by the option's {@code --name}. */
  private static final class Declared {
    static final Map<String, Set<Class<?>>> BY_NAME = byName();

    private static Map<String, Set<Class<?>>> byName() {
      Map<String, Set<Class<?>>> byName = new HashMap<>();
      for (PipelineOptionsRegistrar registrar :
          ServiceLoader.load(PipelineOptionsRegistrar.class)) {
        for (Class<?> options : registrar.getPipelineOptions()) {
          for (Method method : options.getMethods()) {
            Matcher getter = GETTER.matcher(method.getName());
            if (getter.matches() && method.getParameterCount() == 0) {
              byName
                  .computeIfAbsent(
                      "--" + Introspector.decapitalize(getter.group(1)), name -> new HashSet<>())
                  .add(method.getDeclaringClass());
            }
          }
        }
      }
      return byName;
    }
  }

  /**
   * Says that this process is the program's own. Nobody else in it misses options in Beam's
   * factory.
   */
  public static void ownFactory() {
    isOwn = true;
  }

  private static synchronized void startFactory() {
    if (!isOwn || isStarted) {
      return;
    }
    isStarted = true;
    Thread thread = Thread.currentThread();
    ClassLoader loader = thread.getContextClassLoader();
    thread.setContextClassLoader(new WithoutRegistrars(loader));
    try {
      PipelineOptions unused = PipelineOptionsFactory.create();
    } finally {
      thread.setContextClassLoader(loader);
    }
  }

  /** What Beam's factory looks for registrars with. */
  private static final class WithoutRegistrars extends ClassLoader {
    WithoutRegistrars(ClassLoader parent) {
      super(parent);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      return name.equals(REGISTRARS) ? Collections.emptyEnumeration() : super.getResources(name);
    }
  }

  /**
   * Returns the names of the options on the class path, as {@code --name}, sorted.
   *
   * @param declaredIn chooses of them by the interface that declares them
   */
  public static Set<String> names(Predicate<Class<?>> declaredIn) {
    Set<String> names = new TreeSet<>();
    Declared.BY_NAME.forEach(
        (name, classes) -> {
          if (classes.stream().anyMatch(declaredIn)) {
            names.add(name);
          }
        });
    return names;
  }

  /**
   * Returns options.
   *
   * @param arguments as {@code --name=value}
   * @throws IllegalArgumentException or what else Beam throws, if it does not accept them
   */
  public static PipelineOptions parse(Collection<String> arguments) {
    startFactory();
    for (String argument : arguments) {
      for (Class<?> options :
          Declared.BY_NAME.getOrDefault(argument.replaceFirst("=(?s:.*)", ""), Set.of())) {
        PipelineOptionsFactory.register(options.asSubclass(PipelineOptions.class));
      }
    }
    return PipelineOptionsFactory.fromArgs(arguments.toArray(String[]::new)).create();
  }
}
