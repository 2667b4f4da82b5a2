// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses MAIN = new ClassFileImporter()
      .withImportOption(new ImportOption.DoNotIncludeTests())
      .importPackages("io.systole.client");

  @Test
  void client_imports_protocolNettyAndSlf4jOnly() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.systole.client..",
            "io.systole.protocol..",
            "io.netty..",
            "java..",
            "javax.net.ssl",
            "org.jspecify..",
            "org.pcollections",
            "org.slf4j")
        .check(MAIN);
  }

  @Test
  void heartbeat_imports_neitherNettyNorHigherPackages() {
    noClasses()
        .that()
        .resideInAPackage("io.systole.client.heartbeat")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty..", "io.systole.client", "io.systole.client.net")
        .check(MAIN);
  }

  @Test
  void mirror_imports_neitherNettyNorHeartbeat() {
    noClasses()
        .that()
        .resideInAPackage("io.systole.client.mirror")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty..", "io.systole.client", "io.systole.client.heartbeat")
        .check(MAIN);
  }

  @Test
  void packages_haveNoCycles() {
    slices().matching("io.systole.(client..)").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void time_isReadFromClockOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.systole.client.time")
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(MAIN);
  }
}
