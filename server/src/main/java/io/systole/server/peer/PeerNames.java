// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.client.net.HostLookup;
import io.systole.client.net.NameResolver;
import io.systole.client.net.ServerAddress;
import java.net.InetAddress;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configured servers and the addresses of their names. A name may stand for several servers.
 * Any thread may call.
 */
final class PeerNames {
  private static final Logger LOG = LoggerFactory.getLogger(PeerNames.class);

  private static final long TIMEOUT_MS = 10_000;

  private final PeerUrls urls;
  private final NameResolver names;

  PeerNames(PeerSettings settings, HostLookup lookup) {
    this.urls = new PeerUrls(settings);
    this.names = new NameResolver(lookup);
  }

  /** Replaces the URLs of the configuration. */
  void replace(List<URI> configured) {
    urls.replace(configured);
  }

  /**
   * Reads the URLs again and resolves their names.
   *
   * @return the servers in the configured order, and their addresses, at least one each; a name
   *     that cannot be resolved is logged and its result fails
   */
  Map<ServerAddress, CompletableFuture<List<PeerAddress>>> resolve() {
    Map<ServerAddress, CompletableFuture<List<PeerAddress>>> servers = new LinkedHashMap<>();
    for (URI url : urls.read()) {
      servers.computeIfAbsent(ServerAddress.of(url), this::resolve);
    }
    return servers;
  }

  private CompletableFuture<List<PeerAddress>> resolve(ServerAddress server) {
    return names
        .resolve(server.hostName())
        .copy()
        .orTimeout(TIMEOUT_MS, TimeUnit.MILLISECONDS)
        .whenComplete((addresses, failure) -> {
          if (failure != null) {
            LOG.warn("cannot resolve peer url={}: {}", server, failure.toString());
          }
        })
        .thenApply(addresses -> peers(server, addresses));
  }

  private static List<PeerAddress> peers(ServerAddress server, List<InetAddress> addresses) {
    return addresses.stream().map(address -> new PeerAddress(server, address)).toList();
  }
}
