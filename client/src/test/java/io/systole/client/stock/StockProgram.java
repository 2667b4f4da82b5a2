// SPDX-License-Identifier: Apache-2.0
package io.systole.client.stock;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The command line of a stock server, configured to show every change at once, to expire any number
 * of leases, and either to run alone or with peers. All other settings are defaults.
 */
public enum StockProgram {
  SPRING("Spring Cloud Eureka server 5.0.2", "/eureka") {
    @Override
    List<String> tail(Setup setup) {
      return List.of(
          "-Dstock.endsWithInput=true",
          "stock.SpringServer",
          "--server.port=" + setup.port,
          "--server.address=127.0.0.1",
          "--server.tomcat.max-keep-alive-requests=" + setup.requestsPerConnection,
          "--spring.main.banner-mode=off",
          "--eureka.instance.hostname=localhost",
          "--eureka.client.service-url.defaultZone=" + peers(setup),
          "--eureka.server.my-url=" + ownUrl(setup),
          "--eureka.client.register-with-eureka=" + setup.hasPeers(),
          "--eureka.client.fetch-registry=" + setup.hasPeers(),
          "--eureka.server.registry-sync-retry-wait-ms=" + SYNC_RETRY_MS,
          "--eureka.server.use-read-only-response-cache=false",
          "--eureka.server.response-cache-auto-expiration-in-seconds=" + LISTS_LIVE_SECS,
          "--eureka.server.enable-self-preservation=false",
          "--eureka.server.eviction-interval-timer-in-ms=" + EVICTS_EVERY_MS);
    }
  },

  NETFLIX("Netflix's web application 1.10.1", "/eureka/v2") {
    @Override
    List<String> tail(Setup setup) {
      return List.of(
          // XStream and Guice reflect into JDK internals.
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.util=ALL-UNNAMED",
          // Otherwise it replicates all requests to itself as a peer.
          "-Deureka.serviceUrl.default=" + peers(setup),
          "-Deureka.myUrl=" + ownUrl(setup),
          "-Deureka.registration.enabled=" + setup.hasPeers(),
          "-Deureka.shouldFetchRegistry=" + setup.hasPeers(),
          // Otherwise it waits for peers to copy from and rejects reads meanwhile.
          "-Deureka.numberRegistrySyncRetries=" + (setup.hasPeers() ? 5 : 0),
          "-Deureka.registrySyncRetryWaitMs=" + SYNC_RETRY_MS,
          "-Deureka.waitTimeInMsWhenSyncEmpty=0",
          "-Deureka.shouldUseReadOnlyResponseCache=false",
          "-Deureka.responseCacheAutoExpirationInSeconds=" + LISTS_LIVE_SECS,
          "-Deureka.enableSelfPreservation=false",
          "-Deureka.evictionIntervalTimerInMs=" + EVICTS_EVERY_MS,
          "stock.NetflixServer",
          folder().resolve("webapp").toString(),
          Integer.toString(setup.port),
          Integer.toString(setup.requestsPerConnection));
    }
  };

  /**
   * The environment of one server.
   *
   * @param port of the loopback address
   * @param requestsPerConnection responses after which a connection is closed, -1 for no limit
   * @param peers service URLs of the other servers of its cluster; empty to run alone
   */
  record Setup(int port, int requestsPerConnection, List<URI> peers) {
    boolean hasPeers() {
      return !peers.isEmpty();
    }

    Setup withRequestsPerConnection(int requests) {
      return new Setup(port, requests, peers);
    }
  }

  private static final int EVICTS_EVERY_MS = 500;

  /** At a start without instances at the peers; 30 s by default. */
  private static final int SYNC_RETRY_MS = 500;

  /** A list built during a change would be cached without the change, for 180 s by default. */
  private static final int LISTS_LIVE_SECS = 1;

  private final String title;
  private final String basePath;

  StockProgram(String title, String basePath) {
    this.title = title;
    this.basePath = basePath;
  }

  /** Returns the rest of the command line, after heap and class path. */
  abstract List<String> tail(Setup setup);

  /** Returns the server's own URL as in its list of peers, by which it recognizes itself. */
  String ownUrl(Setup setup) {
    return "http://localhost:" + setup.port + basePath + "/";
  }

  /** Returns the list of peers, which contains the server itself as is usual. */
  String peers(Setup setup) {
    return Stream.concat(setup.peers.stream().map(peer -> peer + "/"), Stream.of(ownUrl(setup)))
        .collect(Collectors.joining(","));
  }

  /**
   * Returns the folder in which the build of the client has packed it, for a test of any module.
   */
  Path folder() {
    return Path.of("..", "client", "target", "stock-servers", name().toLowerCase(Locale.ROOT))
        .resolve("target")
        .toAbsolutePath()
        .normalize();
  }

  /** Returns the command line. */
  List<String> command(Setup setup) {
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
    command.addAll(tail(setup));
    return command;
  }

  /** Returns the path before the resources of the protocol. */
  public String basePath() {
    return basePath;
  }

  @Override
  public String toString() {
    return title;
  }
}
