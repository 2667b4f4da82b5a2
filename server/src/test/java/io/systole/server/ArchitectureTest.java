// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The dependency rules between packages. */
class ArchitectureTest {
  private static final JavaClasses PACKAGES = new ClassFileImporter()
      .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
      .importPackages("io.systole.server");

  private static final String[] EVERYWHERE = {"java..", "org.jspecify..", "org.slf4j.."};

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "metrics  | com.sun.management",
        "jfr      | jdk.jfr",
        "log      | io.systole.protocol.model, ch.qos.logback.., tools.jackson..",
        "registry | io.systole.server.jfr, io.systole.protocol.model, io.systole.protocol.time,"
            + " io.systole.protocol.renewal",
        "eviction | io.systole.server.registry, io.systole.server.metrics, io.systole.protocol.time,"
            + " io.systole.protocol.model, org.HdrHistogram",
        "auth     | io.systole.server.metrics, io.systole.client.net, io.systole.protocol.time,"
            + " io.systole.protocol.http, io.systole.protocol.model, io.netty.util.concurrent,"
            + " org.springframework.security.crypto.., javax.crypto.., javax.naming..,"
            + " javax.security.auth.x500",
        "route    | io.systole.server.auth, io.systole.server.metrics, io.systole.protocol.http,"
            + " io.systole.protocol.renewal",
        "record   | io.systole.protocol.model",
        "store    | io.systole.server.registry, io.systole.server.record, io.systole.server.jfr,"
            + " io.systole.protocol.time, io.systole.protocol.model",
        "cluster.message | io.systole.server.record, io.systole.protocol.model,"
            + " io.systole.protocol.renewal",
        "cluster  | io.systole.server.cluster.message, io.systole.server.cluster.group,"
            + " io.systole.server.registry, io.systole.protocol.time, io.systole.protocol.model",
        "journal  | io.systole.server.registry, io.systole.server.store, io.systole.protocol.model,"
            + " io.systole.protocol.codec, picocli",
        "cli      | io.systole.server.config, io.systole.server.net, io.systole.server.peer,"
            + " io.systole.server.tls, io.systole.client.net, io.systole.client.api,"
            + " io.systole.protocol.model, io.netty.handler.ssl.., javax.net.ssl, picocli,"
            + " tools.jackson..",
        "responsecache | io.systole.server.registry, io.systole.protocol.time, io.systole.server.route,"
            + " io.systole.protocol..",
        "events   | io.systole.server.registry, io.systole.protocol.time, io.systole.server.responsecache,"
            + " io.systole.server.route, io.systole.protocol..",
        "endpoint | io.systole.server.route, io.systole.server.auth, io.systole.server.metrics, io.systole.server.registry, io.systole.protocol.time, io.systole.server.responsecache,"
            + " io.systole.server.events, io.systole.protocol..",
        "cluster.group | io.systole.client.net, io.netty.util.concurrent, org.jgroups..,"
            + " javax.crypto.., javax.net.ssl",
        "tls      | io.systole.client.net, io.systole.client.api, io.netty.., javax.net.ssl",
        "net      | io.systole.server.route, io.systole.server.metrics, io.systole.server.tls,"
            + " io.systole.server.auth, io.systole.protocol.time, io.systole.protocol.http,"
            + " io.systole.client.net, io.netty.., javax.net.ssl,"
            + " io.systole.server.jfr",
        "peer     | io.systole.server.registry, io.systole.client.net, io.systole.client.api,"
            + " io.systole.protocol.., io.netty.., javax.net.ssl",
        "monitoring | io.systole.server.route, io.systole.server.registry, io.systole.server.eviction,"
            + " io.systole.server.metrics, io.systole.server.events, io.systole.server.responsecache,"
            + " io.systole.server.store, io.systole.server.peer, io.systole.server.endpoint,"
            + " io.systole.server.page, io.systole.server.cluster, io.systole.server.cluster.group,"
            + " io.systole.protocol.time, io.systole.protocol.model, io.micrometer.., io.prometheus.metrics.., io.netty.buffer,"
            + " com.sun.management, tools.jackson..",
        "management | io.systole.server.route, io.systole.server.auth, io.systole.server.registry,"
            + " io.systole.server.jfr, io.systole.server.eviction, io.systole.server.peer,"
            + " io.systole.server.cluster, io.systole.server.cluster.group,"
            + " io.systole.protocol.., tools.jackson..",
        "page     | io.systole.server.route, io.systole.server.auth, io.systole.server.metrics,"
            + " io.systole.server.registry, io.systole.server.eviction, io.systole.server.peer,"
            + " io.systole.server.store, io.systole.server.endpoint, io.systole.server.management,"
            + " io.systole.server.cluster, io.systole.server.cluster.group,"
            + " io.systole.protocol.time, io.systole.protocol.model, tools.jackson..",
        "config   | io.systole.server.net, io.systole.server.registry, io.systole.server.eviction,"
            + " io.systole.server.events, io.systole.server.store, io.systole.server.monitoring,"
            + " io.systole.server.peer, io.systole.server.tls, io.systole.server.cluster,"
            + " io.systole.server.cluster.group, io.systole.client.api,"
            + " io.systole.client.net, io.systole.protocol.http, tools.jackson.."
      })
  void package_dependsOnlyOnAllowedPackages(String name, String dependencies) {
    String self = "io.systole.server." + name;
    Stream<String> allowed = dependencies == null
        ? Stream.empty()
        : Stream.of(dependencies.split(",")).map(String::strip);

    classes()
        .that()
        .resideInAPackage(self)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            Stream.concat(Stream.concat(Stream.of(self), allowed), Stream.of(EVERYWHERE))
                .toArray(String[]::new))
        .check(PACKAGES);
  }

  @Test
  void jgroups_isSeenByGroupOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.systole.server.cluster.group")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.jgroups..")
        .check(PACKAGES);
  }

  @Test
  void packages_haveNoCycles() {
    slices().matching("io.systole.server.(*)..").should().beFreeOfCycles().check(PACKAGES);
  }
}
