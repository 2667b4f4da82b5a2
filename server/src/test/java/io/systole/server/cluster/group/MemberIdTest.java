// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class MemberIdTest {
  @Test
  void nameOf_addressOfEitherVersion_isThatOfAListOfMembers() {
    assertThat(nameOf("node-1")).isEqualTo("node-1:7800");
    assertThat(nameOf("fd00::1")).isEqualTo("[fd00::1]:7800");
  }

  private static String nameOf(String host) {
    return MemberId.nameOf(InetSocketAddress.createUnresolved(host, 7800));
  }
}
