// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.cluster.group.MemberId;
import io.systole.server.time.ManualClock;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class MessageFailuresTest {
  private final ManualClock clock = new ManualClock();
  private final MessageFailures failures = new MessageFailures(clock);

  private boolean log(long epoch) {
    return failures.log(new MemberId(epoch, "m\n"), new IOException("malformed"));
  }

  @Test
  void log_sameMemberWithinAMinute_isOmitted() {
    assertThat(log(1)).isTrue();
    assertThat(log(1)).isFalse();
    assertThat(log(2)).isTrue();

    clock.advanceMs(60_000);

    assertThat(log(1)).isTrue();
  }
}
