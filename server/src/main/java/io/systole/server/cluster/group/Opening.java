// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import java.net.SocketException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waiting for a connection to open. */
final class Opening {
  private Opening() {}

  /**
   * Returns the value of an open connection.
   *
   * @throws SocketException the kind that JGroups expects of a connection that ends, if it doesn't
   *     open
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
