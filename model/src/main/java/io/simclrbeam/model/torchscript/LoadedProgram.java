package io.simclrbeam.model.torchscript;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import com.sun.jna.Function;
import io.simclrbeam.model.device.OneDnn;
import io.simclrbeam.model.tensor.Tensor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A TorchScript archive in libtorch's memory. Several threads may call methods that change nothing
 * of the program at the same time; else one at a time may.
 */
public final class LoadedProgram implements AutoCloseable {
  private static final String METHOD = "module_method:";

  /**
   * Loading and calls share this; the end of the JVM takes it for good. Otherwise libtorch would be
   * torn down under a running call, and what the user sees of Ctrl-C would be a crash report.
   */
  private static final ReadWriteLock RUNNING = new ReentrantReadWriteLock();

  /** How long the end of the JVM waits for calls: longer than a step of usual size takes. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final List<Runnable> ENDINGS = new CopyOnWriteArrayList<>();

  static {
    Mkl.makeReproducible();
    OneDnn.avoidUnlessSound();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(PATIENCE)));
  }

  private final NDManager manager;
  private final PtSymbolBlock block;

  private LoadedProgram(NDManager manager, PtSymbolBlock block) {
    this.manager = manager;
    this.block = block;
  }

  /**
   * Loads a program, in evaluation mode. It goes through a file, so its size may be beyond that of
   * the heap and of arrays.
   *
   * @param values a tensor for each of the program
   * @throws IOException if the folder for temporary files has no room for it
   * @throws IllegalArgumentException if a tensor is missing or of another shape
   * @throws ai.djl.engine.EngineException if the program is wrong
   */
  public static LoadedProgram load(ScriptProgram program, Map<String, Tensor> values, Device device)
      throws IOException {
    Path archive = Files.createTempFile("simclr-", ".pt");
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(archive), 1 << 20)) {
        program.write(values, out);
      }
      return load(archive, device);
    } finally {
      Files.delete(archive);
    }
  }

  private static LoadedProgram load(Path archive, Device device) {
    RUNNING.readLock().lock();
    try {
      NDManager manager = NDManager.newBaseManager(device, "PyTorch");
      try {
        String[] none = {};
        return new LoadedProgram(
            manager, JniUtils.loadModule((PtNDManager) manager, archive, true, none, none, true));
      } catch (RuntimeException e) {
        manager.close();
        throw e;
      }
    } finally {
      RUNNING.readLock().unlock();
    }
  }

  /**
   * Has something done when the process is ending and programs can still be called. From a shutdown
   * hook of its own it might be too late for that.
   */
  public static void onEnd(Runnable ending) {
    ENDINGS.add(ending);
  }

  /** Does what is to be done at the end, then keeps new calls from starting for good. */
  static void end(Duration patience) {
    Thread thread = new Thread(() -> ENDINGS.forEach(Runnable::run));
    thread.setDaemon(true);
    thread.start();
    try {
      thread.join(patience.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      giveUp("The last checkpoint is not written", patience);
    }
    awaitCalls(patience);
  }

  /**
   * Keeps new calls from starting and waits for those that run. Ends the process if one of them
   * does not return in time, as a native call cannot be interrupted.
   */
  static void awaitCalls(Duration patience) {
    try {
      if (RUNNING.writeLock().tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    giveUp("A call of libtorch has not returned", patience);
  }

  private static void giveUp(String what, Duration patience) {
    System.err.printf(
        "%s %d s after the process was asked to end. The process ends without it. Training goes on"
            + " from its newest checkpoint when it is started again.%n",
        what, patience.toSeconds());
    exitNow();
  }

  /**
   * Ends the process with exit code 1. {@link Runtime#halt} would have the C library run libtorch's
   * exit handlers, which free code that the call still runs: a crash report would be the last word.
   */
  private static void exitNow() {
    Function.getFunction("c", "_exit").invoke(new Object[] {1});
  }

  /** Returns a manager on the program's device; the caller closes it. */
  public NDManager newManager() {
    return manager.newSubManager();
  }

  /** Switches to training mode: BatchNorm uses and updates batch statistics. */
  public void enableTrainingMode() {
    JniUtils.enableTrainingMode(block);
  }

  /** Calls a method without recording gradients. The results belong to the inputs' manager. */
  public NDList call(String method, NDManager manager, NDArray... inputs) {
    return call(method, false, manager, inputs);
  }

  /** Calls a method that asks for gradients itself. The results belong to the inputs' manager. */
  public NDList callWithAutograd(String method, NDManager manager, NDArray... inputs) {
    return call(method, true, manager, inputs);
  }

  private NDList call(String method, boolean autograd, NDManager manager, NDArray... inputs) {
    RUNNING.readLock().lock();
    try (NDArray name = manager.create(0f)) {
      // Settings of this thread. The optimizing executor would only respecialize what is as meant.
      JniUtils.setGraphExecutorOptimize(false);
      JniUtils.setGradMode(autograd);
      name.setName(METHOD + method);
      NDList arguments = new NDList(name);
      arguments.addAll(new NDList(inputs));
      return IValueUtils.forward(block, arguments, autograd);
    } finally {
      JniUtils.setGradMode(false);
      RUNNING.readLock().unlock();
    }
  }

  @Override
  public void close() {
    block.close();
    manager.close();
  }
}
