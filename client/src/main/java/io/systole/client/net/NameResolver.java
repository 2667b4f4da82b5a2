// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The resolver of a client's host names. Lookups block separate threads, never an event loop, and a
 * slow name does not delay other names. Thread-safe.
 */
public final class NameResolver {
  /*
   * One lookup per host at a time, shared by all callers. So there are at most as many threads as
   * the client has servers, however often event loops try to connect while a lookup hangs.
   */
  private static final long THREAD_IDLE_SECS = 10;

  private final HostLookup lookup;
  private final Map<String, CompletableFuture<List<InetAddress>>> pending =
      new ConcurrentHashMap<>();
  private final ExecutorService threads = new ThreadPoolExecutor(
      0,
      Integer.MAX_VALUE,
      THREAD_IDLE_SECS,
      TimeUnit.SECONDS,
      new SynchronousQueue<>(),
      new DefaultThreadFactory("systole-client-dns", true));

  public NameResolver(HostLookup lookup) {
    this.lookup = lookup;
  }

  /** Returns the addresses of a host, at least one; fails if there are none. */
  public CompletableFuture<List<InetAddress>> resolve(String host) {
    if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
      return literal(host);
    }
    CompletableFuture<List<InetAddress>> started = new CompletableFuture<>();
    CompletableFuture<List<InetAddress>> shared = pending.putIfAbsent(host, started);
    if (shared != null) {
      return shared;
    }
    threads.execute(() -> lookUp(host, started));
    return started;
  }

  private static CompletableFuture<List<InetAddress>> literal(String host) {
    try {
      return CompletableFuture.completedFuture(List.of(InetAddress.getByName(host)));
    } catch (UnknownHostException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void lookUp(String host, CompletableFuture<List<InetAddress>> found) {
    try {
      List<InetAddress> addresses = List.of(lookup.addresses(host));
      pending.remove(host);
      if (addresses.isEmpty()) {
        found.completeExceptionally(new UnknownHostException(host + " has no address"));
      } else {
        found.complete(addresses);
      }
    } catch (Throwable e) {
      // Includes errors: callers wait for the result.
      pending.remove(host);
      found.completeExceptionally(e);
    }
  }
}
