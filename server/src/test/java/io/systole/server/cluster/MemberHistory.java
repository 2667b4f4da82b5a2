// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.registry.RenewOutcome;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Members in memory whose time and messages pass as a history requires. */
abstract class MemberHistory {
  final ManualClock clock = new ManualClock();
  final MemoryGroup.Network network = new MemoryGroup.Network();
  final List<TestMember> members = new ArrayList<>();

  TestMember start(long epoch) {
    return start(new TestMember(network, epoch, clock));
  }

  TestMember start(TestMember member) {
    members.add(member);
    member.join();
    settle();
    return member;
  }

  void kill(TestMember member) {
    members.remove(member);
    network.kill(member.group);
  }

  /** Ticks and delivers until nothing is under way. */
  void settle() {
    do {
      clock.advanceMs(5);
      members.forEach(TestMember::tick);
    } while (network.deliver());
  }

  void pass(long ms) {
    for (long passed = 0; passed < ms; passed += 500) {
      clock.advanceMs(500);
      settle();
    }
  }

  /** Passes time during which an instance beats every 10 s at a member. */
  void passBeating(TestMember member, String id, long ms) {
    for (long passed = 0; passed < ms; passed += 10_000) {
      assertThat(member.renew(id)).isEqualTo(RenewOutcome.RENEWED);
      pass(10_000);
      members.forEach(TestMember::evict);
      settle();
    }
  }

  void assertEqualLeases() {
    Map<String, String> expected = members.get(0).leases();
    for (TestMember member : members) {
      assertThat(member.leases()).isEqualTo(expected);
      assertThat(member.replica.receiver().requests.outstandingCount()).isZero();
    }
  }
}
