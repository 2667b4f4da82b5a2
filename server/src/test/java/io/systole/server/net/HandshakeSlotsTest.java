// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.metrics.Counters.Limit;
import io.systole.server.metrics.Counters.Resource;
import io.systole.server.net.HandshakeSlots.Attempt;
import io.systole.server.net.HandshakeSlots.Holder;
import io.systole.server.route.SourceAddress;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HandshakeSlotsTest {
  private static final long GRACE_NS = 100;

  /** A handshake that has waited for its client since a time. */
  private static final class Waiting implements Holder {
    private final SourceAddress source;
    private final long sinceNs;
    private boolean isDropped;

    Waiting(int source, long sinceNs) {
      this.source = new SourceAddress(false, source);
      this.sinceNs = sinceNs;
    }

    @Override
    public SourceAddress source() {
      return source;
    }

    @Override
    public boolean hasWaited(long durationNs, long nowNs) {
      return nowNs - sinceNs >= durationNs;
    }

    @Override
    public void drop() {
      isDropped = true;
    }
  }

  private final HandshakeSlots slots = new HandshakeSlots(Resource.HANDSHAKES, 4, 2, GRACE_NS);

  private Attempt take(Waiting handshake, long nowNs) {
    return slots.take(handshake, nowNs);
  }

  @Test
  void take_limitOfASourceAndNoneHasWaited_isRefused() {
    Waiting first = new Waiting(1, 0);
    take(first, 0);
    take(new Waiting(1, 0), 0);

    assertThat(take(new Waiting(1, 50), 50)).isEqualTo(new Attempt(false, Limit.SOURCE));
    assertThat(first.isDropped).isFalse();
    assertThat(take(new Waiting(2, 50), 50)).isEqualTo(new Attempt(true, null));
  }

  @Test
  void take_limitOfASource_dropsItsOldestThatHasWaited() {
    Waiting other = new Waiting(2, 0);
    Waiting busy = new Waiting(1, GRACE_NS);
    Waiting idle = new Waiting(1, 0);
    take(other, 0);
    take(busy, 0);
    take(idle, 0);

    assertThat(take(new Waiting(1, GRACE_NS), GRACE_NS)).isEqualTo(new Attempt(true, Limit.SOURCE));

    assertThat(idle.isDropped).isTrue();
    assertThat(busy.isDropped).isFalse();
    assertThat(other.isDropped).isFalse();
    assertThat(slots.taken()).isEqualTo(3);
  }

  @Test
  void take_limitInTotal_dropsTheOldestOfAll() {
    Waiting[] all =
        IntStream.range(0, 4).mapToObj(i -> new Waiting(1 + i / 2, 0)).toArray(Waiting[]::new);
    for (Waiting each : all) {
      take(each, 0);
    }

    assertThat(take(new Waiting(3, 0), GRACE_NS)).isEqualTo(new Attempt(true, Limit.TOTAL));

    assertThat(all).extracting(each -> each.isDropped).containsExactly(true, false, false, false);
    assertThat(slots.taken()).isEqualTo(4);
  }

  @Test
  void release_ofADroppedHandshake_leavesTheSlotOfItsSuccessor() {
    Waiting first = new Waiting(1, 0);
    Waiting successor = new Waiting(1, GRACE_NS);
    take(first, 0);
    take(new Waiting(1, GRACE_NS), 0);
    take(successor, GRACE_NS);

    slots.release(first);

    assertThat(slots.taken()).isEqualTo(2);
    slots.release(successor);
    assertThat(take(new Waiting(1, GRACE_NS), GRACE_NS)).isEqualTo(new Attempt(true, null));
  }
}
