package io.simclrbeam.model.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import io.simclrbeam.model.ForkedJvm;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MklTest {
  /**
   * Two threads that make the first call at once get wrong kernels too seldom for a test. So this
   * looks at where MKL keeps its choice.
   */
  @Test
  void oneThreadChoosesTheKernelsOfFunctionsBeforeAnyProgramRuns() throws Exception {
    ForkedJvm jvm = ForkedJvm.run(Choice.class, Map.of());
    assertThat(jvm.exitCode()).as(jvm.output()).isZero();
    assumeThat(jvm.output()).doesNotContain("no MKL that is known");
    assertThat(jvm.output()).contains("at first: none", "with a program: chosen");
  }

  /** Prints MKL's choice before and after the class of programs was loaded. */
  static final class Choice {
    private Choice() {}

    public static void main(String[] args) throws ClassNotFoundException {
      Engine.getEngine("PyTorch");
      Pointer choice = choice();
      if (choice == null) {
        System.out.println("no MKL that is known");
        return;
      }
      System.out.println("at first: " + (choice.getInt(0) == -1 ? "none" : "chosen"));
      Class.forName(LoadedProgram.class.getName());
      System.out.println("with a program: " + (choice.getInt(0) == -1 ? "none" : "chosen"));
    }

    /** The function starts with {@code mov eax, [rip + offset]}, 8B 05 and the offset. */
    private static Pointer choice() {
      Path library = Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu"));
      Pointer code;
      try {
        code = NativeLibrary.getInstance(library.toString()).getFunction("mkl_vml_serv_cpu_detect");
      } catch (UnsatisfiedLinkError e) {
        return null;
      }
      boolean known = code.getByte(0) == (byte) 0x8B && code.getByte(1) == 0x05;
      return known ? code.share(6L + code.getInt(2)) : null;
    }
  }
}
