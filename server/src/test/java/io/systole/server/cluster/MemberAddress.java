// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The addresses of a member of a native cluster.
 *
 * @param host on which it serves clients
 * @param clusterHost on which it listens for members
 * @param prefix a command that runs another in the network of the member; empty for that of the
 *     test
 */
record MemberAddress(String host, String clusterHost, List<String> prefix) {
  static final int CLUSTER_PORT = 7800;

  /** Two random bytes of addresses whose first is that of the loopback network. */
  private static final int BLOCKS = 1 << 14;

  /**
   * Returns addresses of the loopback network. Each member has its own for the others, so that the
   * ports that follow from its port are free too.
   */
  static List<MemberAddress> onLoopback(int count) {
    int block = ThreadLocalRandom.current().nextInt(BLOCKS);
    List<MemberAddress> addresses = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      String clusterHost = "127." + (64 + block / 256) + "." + block % 256 + "." + i;
      addresses.add(new MemberAddress("127.0.0.1", clusterHost, List.of()));
    }
    return addresses;
  }

  /** Returns the address for other members. */
  String cluster() {
    return clusterHost + ":" + CLUSTER_PORT;
  }
}
