// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import java.net.InetSocketAddress;

/**
 * One run of a member.
 *
 * @param epoch 64 random bits, new for each start
 * @param name host and cluster port, for logs and diagnostics; not part of the identity
 */
public record MemberId(long epoch, String name) {
  /** Returns the name of a member that listens at an address, as a list of members has it. */
  static String nameOf(InetSocketAddress address) {
    String host = address.getHostString();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MemberId member && member.epoch == epoch;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(epoch);
  }

  @Override
  public String toString() {
    return name + "/" + Long.toHexString(epoch);
  }
}
