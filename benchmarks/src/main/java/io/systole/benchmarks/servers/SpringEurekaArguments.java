// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The class path and arguments of the Spring Cloud Eureka server.
 *
 * @param isFresh whether responses include every change
 * @param deltaRetentionMs retention of changes in deltas; 0 for its default
 * @param peers service URLs of the servers to replicate to, each with a final slash
 */
record SpringEurekaArguments(int port, boolean isFresh, long deltaRetentionMs, List<URI> peers) {
  /** Interval at which old changes are removed from the delta, unless it is the default. */
  static final int PURGE_INTERVAL_MS = 1_000;

  /** @param built the directory that the server was built into */
  List<String> list(Path built) {
    List<String> arguments = new ArrayList<>(
        List.of("-cp", built.resolve("classes") + ":" + built.resolve("lib") + "/*"));
    arguments.add(SpringEurekaBuild.MAIN);
    arguments.addAll(List.of(
        "--server.port=" + port,
        "--server.address=127.0.0.1",
        // By default a connection is closed after 100 requests.
        "--server.tomcat.max-keep-alive-requests=-1",
        "--spring.main.banner-mode=off",
        "--eureka.instance.hostname=localhost",
        // Without its own URL it replicates to the default address as a peer.
        "--eureka.client.service-url.defaultZone=" + serviceUrls(),
        "--eureka.client.register-with-eureka=false",
        "--eureka.client.fetch-registry=false"));
    if (isFresh) {
      arguments.add("--eureka.server.use-read-only-response-cache=false");
    }
    if (!peers.isEmpty()) {
      // Otherwise it takes every URL with its host name for its own.
      arguments.add("--eureka.server.my-url=" + ownUrl());
    }
    if (deltaRetentionMs > 0) {
      String server = "--eureka.server.";
      arguments.add(server + "retention-time-in-m-s-in-delta-queue=" + deltaRetentionMs);
      arguments.add(server + "delta-retention-timer-interval-in-ms=" + PURGE_INTERVAL_MS);
    }
    return arguments;
  }

  private String ownUrl() {
    return "http://localhost:" + port + "/eureka/";
  }

  private String serviceUrls() {
    return peers.isEmpty() ? ownUrl() : ownUrl() + "," + joined(peers);
  }

  static String joined(List<URI> urls) {
    return urls.stream().map(URI::toString).collect(Collectors.joining(","));
  }
}
