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
 * The resolver of a client's host names. Look-ups block threads of its own, never an event loop,
 * and a name that does not come back keeps no other name waiting. Any thread may call.
 */
public final class NameResolver {
  /*
   * One look-up of a host at a time, shared by all who need it. So there are at most as many threads
   * as the client has servers, however often event loops try to connect while a look-up hangs.
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

  /** Returns the addresses of a host, at least one; fails when there are none. */
  CompletableFuture<List<InetAddress>> resolve(String host) {
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
      // Whatever went wrong, somebody waits for the end of the look-up.
      pending.remove(host);
      found.completeExceptionally(e);
    }
  }
}
