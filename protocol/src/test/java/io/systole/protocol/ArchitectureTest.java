// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.junit.jupiter.api.Test;

/** Rules for the dependencies between the packages and files of the protocol. */
final class ArchitectureTest {
  private static final JavaClasses MAIN = new ClassFileImporter()
      .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
      .importPackages("io.systole.protocol");

  @Test
  void classes_ofHttp_dependOnTheJdkAlone() {
    assertThat(MAIN.containPackage("io.systole.protocol.http")).isTrue();
    classes()
        .that()
        .resideInAPackage("io.systole.protocol.http")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("io.systole.protocol.http", "java..", "org.jspecify..")
        .check(MAIN);
  }

  @Test
  void classes_ofModel_dependOnTheJdkAlone() {
    classes()
        .that()
        .resideInAPackage("io.systole.protocol.model")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("io.systole.protocol.model", "java..", "org.jspecify..")
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void packages_haveNoCycles() {
    slices()
        .matching("io.systole.protocol.(*)..")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void files_haveNoCycles() {
    slices().assignedFrom(new SourceFiles()).should().beFreeOfCycles().check(MAIN);
  }

  private static final class SourceFiles implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return SliceIdentifier.of(type.getName().replaceFirst("\\$.*", ""));
    }

    @Override
    public String getDescription() {
      return "source files";
    }
  }
}
