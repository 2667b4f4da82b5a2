// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.client.net.HostLookup;
import io.systole.client.net.NameResolver;
import io.systole.client.net.ServerAddress;
import io.systole.protocol.time.Clock;
import java.net.InetAddress;
import java.net.URI;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A resolver of the configured URLs to the addresses of the peers. A host name may stand for
 * several servers. Thread-safe.
 */
final class PeerResolver {
  private static final Logger LOG = LoggerFactory.getLogger(PeerResolver.class);

  private static final long TIMEOUT_MS = 10_000;

  private final PeerUrls urls;
  private final NameResolver resolver;
  private final Clock clock;

  /** Guarded by this. */
  private final Map<ServerAddress, FailureLog> failures = new HashMap<>();

  PeerResolver(PeerSettings settings, HostLookup lookup, Clock clock) {
    this.urls = new PeerUrls(settings);
    this.resolver = new NameResolver(lookup);
    this.clock = clock;
  }

  /** Replaces the URLs of the configuration. */
  void replace(List<URI> configured) {
    urls.replace(configured);
  }

  /**
   * Reads the URLs again and resolves their names.
   *
   * @return the servers in the configured order, and their addresses, at least one each; the result
   *     of a name that cannot be resolved fails, which is logged when that begins
   */
  Map<ServerAddress, CompletableFuture<List<PeerAddress>>> resolve() {
    Set<ServerAddress> configured = new LinkedHashSet<>();
    for (URI url : urls.read()) {
      configured.add(ServerAddress.of(url));
    }
    retain(configured);
    Map<ServerAddress, CompletableFuture<List<PeerAddress>>> servers = new LinkedHashMap<>();
    configured.forEach(server -> servers.put(server, resolve(server)));
    return servers;
  }

  private CompletableFuture<List<PeerAddress>> resolve(ServerAddress server) {
    return resolver
        .resolve(server.hostName())
        .copy()
        .orTimeout(TIMEOUT_MS, TimeUnit.MILLISECONDS)
        .whenComplete((addresses, failure) -> {
          if (failure == null) {
            resolved(server);
          } else {
            failed(server, failure);
          }
        })
        .thenApply(addresses -> peers(server, addresses));
  }

  private synchronized void retain(Set<ServerAddress> configured) {
    failures.keySet().retainAll(configured);
    configured.forEach(server -> failures.computeIfAbsent(server, key -> new FailureLog(clock)));
  }

  private synchronized void resolved(ServerAddress server) {
    FailureLog log = failures.get(server);
    if (log != null) {
      log.succeeded();
    }
  }

  private synchronized void failed(ServerAddress server, Throwable failure) {
    String reason = PeerFailureReason.of(failure);
    FailureLog log = failures.get(server);
    if (log != null && log.permits(reason)) {
      LOG.warn(
          "cannot resolve peer url={}: {}", PeerFailureReason.truncated(server.toString()), reason);
    }
  }

  private static List<PeerAddress> peers(ServerAddress server, List<InetAddress> addresses) {
    return addresses.stream().map(address -> new PeerAddress(server, address)).toList();
  }
}
