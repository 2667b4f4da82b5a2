// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final String ROOT = "io.systole.loadtest";

  private static final JavaClasses MAIN = new ClassFileImporter()
      .withImportOption(new ImportOption.DoNotIncludeTests())
      .importPackages(ROOT);

  @Test
  void loadTest_imports_clientProtocolAndItsToolsButNeverTheServer() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "..",
            "io.systole.client..",
            "io.systole.protocol..",
            "com.fasterxml.jackson.annotation..",
            "io.netty..",
            "java..",
            "javax.xml.stream..",
            "org.HdrHistogram..",
            "org.jspecify..",
            "picocli..",
            "tools.jackson..")
        .check(MAIN);
  }

  @Test
  void packages_importEachOther_inOneDirectionOnly() {
    slices().matching("io.systole.loadtest.(*)..").should().beFreeOfCycles().check(MAIN);
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + ".report..", ROOT + ".stats..", ROOT + ".target..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT, ROOT + ".runner..", ROOT + ".scenario..")
        .check(MAIN);
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".*..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT)
        .check(MAIN);
  }
}
