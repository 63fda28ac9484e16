package io.simclrbeam.pipelines;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import io.simclrbeam.model.random.SeededRandom;
import java.util.List;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.TupleTag;

@AnalyzeClasses(
    packages = "io.simclrbeam",
    importOptions = {DoNotIncludeTests.class, ArchitectureTest.DoNotIncludeTestJars.class})
class ArchitectureTest {
  /** What the tests of several modules share is packed into jars. */
  static final class DoNotIncludeTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  private static final String MODEL = "io.simclrbeam.model..";
  private static final String TRANSFORMS = "io.simclrbeam.transforms..";
  private static final String PIPELINES = "io.simclrbeam.pipelines..";

  /** Each may import those before it. */
  private static final List<String> MODEL_PACKAGES =
      List.of(
          "settings",
          "text",
          "progress",
          "random",
          "storage",
          "tensor",
          "image",
          "augment",
          "device",
          "torchscript",
          "network",
          "batch",
          "encoder",
          "loss",
          "optimizer",
          "inference",
          "checkpoint",
          "neighbors",
          "evaluate",
          "map",
          "train",
          "export",
          "embed",
          "sample");

  @ArchTest
  static final ArchRule MODEL_STANDS_ALONE =
      noClasses()
          .that()
          .resideInAPackage(MODEL)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(TRANSFORMS, PIPELINES, "org.apache.beam..")
          .because("the model must be usable, and testable, without a pipeline");

  @ArchTest
  static final ArchRule TRANSFORMS_KNOW_NO_PIPELINE =
      noClasses()
          .that()
          .resideInAPackage(TRANSFORMS)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(PIPELINES)
          .because("transforms are parts for anybody's pipelines, not only for those here");

  @ArchTest
  static final ArchRule TRANSFORMS_HAVE_NO_CIRCLES =
      slices()
          .matching("io.simclrbeam.transforms.(*)..")
          .should()
          .beFreeOfCycles()
          .because("a part that needs its user cannot be used alone");

  @ArchTest
  static final ArchRule TRANSFORMS_SHOW_THEIR_SETTINGS =
      classes()
          .that()
          .arePublic()
          .and()
          .areAssignableTo(PTransform.class)
          .should(
              ArchCondition.from(
                  describe(
                      "say their settings in populateDisplayData",
                      (JavaClass transform) ->
                          transform
                              .tryGetMethod("populateDisplayData", DisplayData.Builder.class)
                              .isPresent())))
          .because("a runner's pages show nothing else of a transform than its name");

  @ArchTest
  static final ArchRule TAGS_HAVE_NAMES =
      noClasses()
          .should()
          .callConstructor(TupleTag.class)
          .because(
              "Beam numbers tags without a name, and on a cluster that holds Beam for all jobs the"
                  + " second job's are numbered otherwise than where it was submitted");

  @ArchTest
  static final ArchRule CODERS_FIND_THE_JOBS_CLASSES =
      noClasses()
          .should()
          .dependOnClassesThat()
          .areAssignableTo(SerializableCoder.class)
          .because("Beam's looks for classes where Beam is; use SerialCoder");

  @ArchTest
  static final ArchRule RANDOM_NUMBERS_HAVE_A_PURPOSE =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.simclrbeam.model.random")
          .should()
          .callMethod(SeededRandom.class, "of", long[].class)
          .because("keys made elsewhere may give the stream of another purpose; use RandomStreams");

  @ArchTest
  static final ArchRule ONLY_THE_COMMAND_LINE_PARSES =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.simclrbeam.pipelines.cli")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.simclrbeam.pipelines.cli", "picocli..")
          .because("a job gets checked arguments, wherever they come from");

  @ArchTest
  static final ArchRule EVERY_MODEL_PACKAGE_HAS_ITS_PLACE =
      classes()
          .that()
          .resideInAPackage(MODEL)
          .should()
          .resideInAnyPackage(
              MODEL_PACKAGES.stream().map(ArchitectureTest::model).toArray(String[]::new))
          .because("a package outside the order could close a circle unseen");

  @ArchTest
  static void modelPackagesImportOnlyThoseBeforeThem(JavaClasses classes) {
    for (int i = 0; i < MODEL_PACKAGES.size() - 1; i++) {
      List<String> later = MODEL_PACKAGES.subList(i + 1, MODEL_PACKAGES.size());
      noClasses()
          .that()
          .resideInAPackage(model(MODEL_PACKAGES.get(i)))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(later.stream().map(ArchitectureTest::model).toArray(String[]::new))
          .because("the code is read in this order: " + String.join(", ", MODEL_PACKAGES))
          .check(classes);
    }
  }

  private static String model(String name) {
    return "io.simclrbeam.model." + name + "..";
  }
}
