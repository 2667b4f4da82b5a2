// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Rules for the dependencies between the packages of the protocol. */
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
}
