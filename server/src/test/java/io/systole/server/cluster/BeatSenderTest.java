// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.cluster.message.Message.Beat;
import io.systole.server.cluster.message.MessageDecoder;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BeatSenderTest {
  private final ManualClock clock = new ManualClock();
  private final TestMember member = new TestMember(new MemoryGroup.Network(), 1, clock);
  private final BeatSender beats = new BeatSender(member.replica.state());
  private final List<byte[]> sent = new ArrayList<>();

  private void endWindow() {
    beats.endWindow(clock.monotonicNs(), true, 2, sent::add);
  }

  private List<String> numbers(byte[] message) throws Exception {
    List<String> numbers = new ArrayList<>();
    Beat beat = (Beat) new MessageDecoder(2).decode(message, 0, message.length);
    beat.numbers().forEach(new int[8], (owner, isByPeers, part, count) -> {
      for (int number : Arrays.copyOf(part, count)) {
        numbers.add(owner + "/" + number + (isByPeers ? " by peers" : ""));
      }
    });
    return numbers;
  }

  @Test
  void endWindow_renewalsOfTwoKinds_namesThem() throws Exception {
    member.register("i0");
    member.register("i1");
    member.register("i2");

    beats.add(new long[] {0b101}, false);
    beats.add(new long[] {0b010}, true);
    endWindow();

    assertThat(sent).hasSize(1);
    assertThat(numbers(sent.get(0))).containsExactlyInAnyOrder("1/0", "1/2", "1/1 by peers");
    endWindow();
    assertThat(sent).hasSize(1);
  }

  @Test
  void endWindow_slotWithoutALease_isSkipped() {
    beats.add(new long[] {0, 0, 1}, false);

    endWindow();

    assertThat(sent).isEmpty();
  }

  @Test
  void endWindow_nothingRenewed_sendsASignOfLifeEveryFiveSeconds() throws Exception {
    clock.advanceMs(4_999);
    endWindow();
    assertThat(sent).isEmpty();

    clock.advanceMs(1);
    endWindow();
    endWindow();

    assertThat(sent).hasSize(1);
    assertThat(numbers(sent.get(0))).isEmpty();
  }

  @Test
  void endWindow_confirmsTheRenewal() {
    member.register("i0");
    ClusterLeases leases = member.replica.state().leases;
    leases.unconfirm(0);

    beats.add(new long[] {1}, false);
    endWindow();

    assertThat(leases.isConfirmed(0)).isTrue();
    assertThat(leases.stamps.lastRenewer(0)).isEqualTo(leases.self());
  }
}
