// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses MAIN = new ClassFileImporter()
      .withImportOption(new ImportOption.DoNotIncludeTests())
      .importPackages("io.systole.client");

  private static final Set<String> API = ClientModule.exportedPackages();

  private static final DescribedPredicate<JavaClass> INTERNAL =
      resideInAnyPackage("io.systole.client.heartbeat", "io.systole.client.net");

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

  /** The packages of the API hold no other public type; all other packages are internal. */
  @Test
  void publicTypes_areThoseOfTheReadme() {
    assertThat(MAIN.stream()
            .filter(type -> API.contains(type.getPackageName()) && type.isTopLevelClass())
            .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
            .map(JavaClass::getSimpleName))
        .containsExactlyInAnyOrder(
            "Arrivals",
            "ClientBuilder",
            "ClientState",
            "FailureReason",
            "HeartbeatClient",
            "HeartbeatListener",
            "InstanceSupplier",
            "MirrorBuilder",
            "MirrorListener",
            "MirrorState",
            "Registration",
            "RegistrationEvent",
            "RegistrationListener",
            "RegistrationRejectedException",
            "RegistrationState",
            "RegistryMirror",
            "RegistrySnapshot",
            "SendMode",
            "ServerState",
            "TlsFiles");
  }

  /** Public methods of the API return no internal type. */
  @Test
  void api_exposesNoInternalTypes() {
    methods()
        .that()
        .areDeclaredInClassesThat()
        .resideInAnyPackage(API.toArray(String[]::new))
        .and()
        .areDeclaredInClassesThat()
        .arePublic()
        .and()
        .arePublic()
        .should()
        .notHaveRawReturnType(INTERNAL)
        .check(MAIN);
  }

  @Test
  void time_isReadFromClockOnly() {
    noClasses()
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(MAIN);
  }
}
