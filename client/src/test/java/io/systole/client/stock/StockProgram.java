// SPDX-License-Identifier: Apache-2.0
package io.systole.client.stock;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The command line of a stock server, configured to run alone, to show every change at once, and to
 * expire any number of leases. All other settings are defaults.
 */
enum StockProgram {
  SPRING("Spring Cloud Eureka server 5.0.2", "/eureka") {
    @Override
    List<String> tail(int port, int requestsPerConnection) {
      return List.of(
          "-Dstock.endsWithInput=true",
          "stock.SpringServer",
          "--server.port=" + port,
          "--server.address=127.0.0.1",
          "--server.tomcat.max-keep-alive-requests=" + requestsPerConnection,
          "--spring.main.banner-mode=off",
          "--eureka.instance.hostname=localhost",
          "--eureka.client.service-url.defaultZone=http://localhost:" + port + basePath,
          "--eureka.client.register-with-eureka=false",
          "--eureka.client.fetch-registry=false",
          "--eureka.server.use-read-only-response-cache=false",
          "--eureka.server.response-cache-auto-expiration-in-seconds=" + LISTS_LIVE_SECS,
          "--eureka.server.enable-self-preservation=false",
          "--eureka.server.eviction-interval-timer-in-ms=" + EVICTS_EVERY_MS);
    }
  },

  NETFLIX("Netflix's web application 1.10.1", "/eureka/v2") {
    @Override
    List<String> tail(int port, int requestsPerConnection) {
      return List.of(
          // XStream and Guice reflect into JDK internals.
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.util=ALL-UNNAMED",
          // Otherwise it replicates all requests to itself as a peer.
          "-Deureka.serviceUrl.default=http://localhost:" + port + basePath + "/",
          "-Deureka.myUrl=http://localhost:" + port + basePath + "/",
          "-Deureka.registration.enabled=false",
          "-Deureka.shouldFetchRegistry=false",
          // Otherwise it waits for peers to copy from and rejects reads meanwhile.
          "-Deureka.numberRegistrySyncRetries=0",
          "-Deureka.waitTimeInMsWhenSyncEmpty=0",
          "-Deureka.shouldUseReadOnlyResponseCache=false",
          "-Deureka.responseCacheAutoExpirationInSeconds=" + LISTS_LIVE_SECS,
          "-Deureka.enableSelfPreservation=false",
          "-Deureka.evictionIntervalTimerInMs=" + EVICTS_EVERY_MS,
          "stock.NetflixServer",
          folder().resolve("webapp").toString(),
          Integer.toString(port),
          Integer.toString(requestsPerConnection));
    }
  };

  private static final int EVICTS_EVERY_MS = 500;

  /** A list built during a change would be cached without the change, for 180 s by default. */
  private static final int LISTS_LIVE_SECS = 1;

  private final String title;
  final String basePath;

  StockProgram(String title, String basePath) {
    this.title = title;
    this.basePath = basePath;
  }

  /** Returns the rest of the command line, after heap and class path. */
  abstract List<String> tail(int port, int requestsPerConnection);

  Path folder() {
    return Path.of("target", "stock-servers", name().toLowerCase(Locale.ROOT), "target")
        .toAbsolutePath();
  }

  /** Returns the command line. */
  List<String> command(int port, int requestsPerConnection) {
    assertThat(folder().resolve("lib"))
        .as("%s is packed by: mvn -pl client -am pre-integration-test", title)
        .isDirectory();
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx256m",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-cp",
        folder().resolve("classes") + ":" + folder().resolve("lib") + "/*"));
    command.addAll(tail(port, requestsPerConnection));
    return command;
  }

  @Override
  public String toString() {
    return title;
  }
}
