// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class CountedRenewalsTest {
  private static CountedRenewals.Node node(long... counts) {
    CountedRenewals.Node node = new CountedRenewals.Node(URI.create("http://127.0.0.1:9/v2"));
    LongStream.of(counts)
        .forEach(count -> node.add(count < 0 ? OptionalLong.empty() : OptionalLong.of(count)));
    return node;
  }

  @Test
  void sum_firstCount_isTheStart() {
    assertThat(node(100).sum()).isZero();
    assertThat(node(100, 100, 103).sum()).isEqualTo(3);
  }

  @Test
  void sum_restart_addsWhatTheNewProcessCounted() {
    assertThat(node(100, 110, -1, -1, 4, 6).sum()).isEqualTo(16);
  }

  @Test
  void isKnown_noCount_isFalse() {
    assertThat(node(-1).isKnown()).isFalse();
    assertThat(node(-1, 0).isKnown()).isTrue();
  }
}
