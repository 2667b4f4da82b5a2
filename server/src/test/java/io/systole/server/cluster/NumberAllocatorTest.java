// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class NumberAllocatorTest {
  private static final long QUARANTINE_NS = NumberAllocator.QUARANTINE_NS;

  @Test
  void allocate_returnsDenseNumbers() {
    NumberAllocator numbers = new NumberAllocator(10);

    assertThat(numbers.allocate(0)).isZero();
    assertThat(numbers.allocate(0)).isEqualTo(1);
  }

  @Test
  void allocate_releasedNumber_isReusedLowestFirstAfterTheQuarantine() {
    NumberAllocator numbers = new NumberAllocator(10);
    for (int i = 0; i < 4; i++) {
      numbers.allocate(0);
    }
    numbers.release(2, 5);
    numbers.release(1, 6);

    assertThat(numbers.allocate(4 + QUARANTINE_NS)).isEqualTo(4);
    assertThat(numbers.allocate(6 + QUARANTINE_NS)).isEqualTo(1);
    assertThat(numbers.allocate(6 + QUARANTINE_NS)).isEqualTo(2);
    assertThat(numbers.allocate(6 + QUARANTINE_NS)).isEqualTo(5);
  }

  @Test
  void allocate_manyInQuarantine_growsAndKeepsTheirOrder() {
    NumberAllocator numbers = new NumberAllocator(10_000);
    for (int i = 0; i < 1_000; i++) {
      numbers.allocate(0);
    }
    for (int i = 0; i < 50; i++) {
      numbers.release(i, i);
    }
    numbers.allocate(QUARANTINE_NS + 20);
    for (int i = 50; i < 1_000; i++) {
      numbers.release(i, i);
    }

    assertThat(numbers.quarantinedCount()).isEqualTo(1_000 - 21);
    assertThat(numbers.allocate(QUARANTINE_NS + 20)).isEqualTo(1);
    assertThat(numbers.allocate(QUARANTINE_NS + 999)).isEqualTo(2);
    assertThat(numbers.quarantinedCount()).isZero();
  }

  @Test
  void allocate_allInUseOrQuarantine_endsTheOldestQuarantine() {
    NumberAllocator numbers = new NumberAllocator(2);
    numbers.allocate(0);
    numbers.allocate(0);
    numbers.release(1, 1);
    numbers.release(0, 2);

    assertThat(numbers.allocate(3)).isEqualTo(1);
    assertThat(numbers.allocate(3)).isZero();
    assertThatThrownBy(() -> numbers.allocate(3)).isInstanceOf(IllegalStateException.class);
    assertThat(numbers.end()).isEqualTo(2);
  }
}
