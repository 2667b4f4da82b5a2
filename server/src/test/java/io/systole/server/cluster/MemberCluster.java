// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.protocol.model.InstanceInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The members of a native cluster, each in a separate process with its own data. */
final class MemberCluster implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(45);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

  private final List<MemberProcess> members = new ArrayList<>();

  /**
   * Starts the members one after the other, and waits until all are complete.
   *
   * @param folder of their logs and data
   * @param furtherOptions names and values for all
   */
  MemberCluster(Path folder, List<MemberAddress> addresses, List<String> furtherOptions)
      throws IOException, InterruptedException {
    try {
      for (MemberAddress address : addresses) {
        String name = "member-" + (members.size() + 1);
        members.add(new MemberProcess(name, folder, address, addresses, furtherOptions));
      }
      awaitViewOf(members);
    } catch (IOException | InterruptedException | RuntimeException | AssertionError failure) {
      close();
      throw failure;
    }
  }

  List<MemberProcess> members() {
    return members;
  }

  MemberProcess member(int index) {
    return members.get(index);
  }

  /** Returns all members but one. */
  List<MemberProcess> others(MemberProcess left) {
    return members.stream().filter(member -> member != left).toList();
  }

  /**
   * Waits until each of the members is complete and has as many complete members in its view.
   *
   * @return how long that took, ms
   */
  static long awaitViewOf(List<MemberProcess> expected) {
    long startNs = System.nanoTime();
    await()
        .atMost(LIMIT)
        .pollInterval(POLL_INTERVAL)
        .untilAsserted(() -> assertThat(expected)
            .allSatisfy(member -> assertThat(member.completeMembers())
                .as("%s: %s", member, member.status())
                .isEqualTo(expected.size())));
    return msSince(startNs);
  }

  /**
   * Waits until the members have exactly the expected instances of the fleets.
   *
   * @return how long that took, ms
   */
  static long awaitEqual(
      Collection<InstanceInfo> expected, List<MemberProcess> members, Duration atMost) {
    long startNs = System.nanoTime();
    await()
        .atMost(atMost)
        .pollInterval(POLL_INTERVAL)
        .untilAsserted(() -> assertThat(members)
            .allSatisfy(member -> assertThat(CanonicalInstance.differences(expected, member))
                .as("%s", member)
                .isEmpty()));
    return msSince(startNs);
  }

  static long msSince(long startNs) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
  }

  /** Requires that no member has logged a defect. */
  void requireCleanLogs() throws IOException {
    for (MemberProcess member : members) {
      assertThat(member.log()).as("%s", member).doesNotContain(" ERROR ", "\n\tat ");
    }
  }

  @Override
  public void close() {
    members.forEach(MemberProcess::close);
  }
}
