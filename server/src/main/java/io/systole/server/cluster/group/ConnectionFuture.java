// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import java.net.SocketException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waits for the future of a connection, with the exceptions that JGroups handles. */
final class ConnectionFuture {
  private ConnectionFuture() {}

  /**
   * Returns the value of the future. Blocks until the connection is open.
   *
   * @throws SocketException if the connection does not open, or the thread is interrupted; JGroups
   *     handles it like a connection that ends
   */
  static <T> T await(CompletableFuture<T> opened) throws SocketException {
    try {
      return opened.get();
    } catch (ExecutionException failure) {
      SocketException ended = new SocketException(String.valueOf(failure.getMessage()));
      ended.initCause(failure);
      throw ended;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new SocketException("interrupted");
    }
  }
}
