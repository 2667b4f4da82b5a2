// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A port of the loopback address for servers that start and stop during a test. Connections are
 * refused while none listens, and the kernel gives the port to no one else.
 *
 * <p>It is bound to a socket that does not listen. Linux lets a listener share the port with such a
 * socket if both have {@code SO_REUSEADDR}, which every server here sets.
 */
public final class ReservedPort implements AutoCloseable {
  private final Socket holder = new Socket();

  /** Reserves a free port. */
  public ReservedPort() throws IOException {
    holder.setReuseAddress(true);
    holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  public int number() {
    return holder.getLocalPort();
  }

  @Override
  public void close() {
    try {
      holder.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
