// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.heap;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.benchmarks.heap.LeaseLayout.Reader;
import org.junit.jupiter.api.Test;

class LeaseLayoutTest {
  private final LeaseLayout layout = new LeaseLayout();

  @Test
  void bytes_renewalByHandle_areClose() {
    assertThat(layout.bytes(Reader.RENEWAL_BY_HANDLE)).isLessThanOrEqualTo(24);
    assertThat(layout.cacheLines(Reader.RENEWAL_BY_HANDLE)).isLessThan(1.5);
  }

  @Test
  void size_lease_isLessThanTwoCacheLines() {
    assertThat(layout.size()).isLessThanOrEqualTo(112);
    assertThat(layout.bytes(Reader.HEARTBEAT)).isLessThan(layout.size());
  }
}
