// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  @Test
  void loadTest_imports_clientProtocolAndItsToolsButNeverTheServer() {
    var main = new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        .importPackages("io.systole.loadtest");

    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.systole.loadtest..",
            "io.systole.client..",
            "io.systole.protocol..",
            "java..",
            "org.HdrHistogram..",
            "org.jspecify..",
            "picocli..",
            "tools.jackson..")
        .check(main);
  }
}
