// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import static org.awaitility.Awaitility.await;

import io.systole.client.ReservedPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Members of a group on ports of the loopback address, closed at the end. */
final class GroupFixture implements AutoCloseable {
  /** Locked by tests that look at the log of this package, and shared by those that write to it. */
  static final String LOG = "log of io.systole.server.cluster.group";

  /**
   * Of a member that creates the group, as no other responds. No test waits until a silent member
   * is suspected.
   */
  static final GroupTimeouts CREATOR = new GroupTimeouts(200, 120_000, 2_000, 300, 600);

  /** Of a member that finds another one, which ends its search. */
  static final GroupTimeouts JOINER = new GroupTimeouts(10_000, 120_000, 2_000, 300, 600);

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final List<ReservedPort> ports = new ArrayList<>();
  private final List<JGroupsGroup> groups = new ArrayList<>();

  /** @param size the number of ports for members, which all know */
  GroupFixture(int size) throws IOException {
    for (int i = 0; i < size; i++) {
      ports.add(new ReservedPort());
    }
  }

  /** Returns the settings of the member at a port, without any security. */
  GroupSettings settings(int index) {
    return settings(index, null, null);
  }

  GroupSettings settings(int index, @Nullable Path secretFile, GroupSettings.@Nullable Tls tls) {
    return new GroupSettings("test", bind(index), addresses(), null, null, secretFile, tls);
  }

  InetSocketAddress bind(int index) {
    return address("127.0.0.1", ports.get(index).number());
  }

  /** Returns an address, which needs no resolution. */
  static InetSocketAddress address(String ip, int port) {
    try {
      return new InetSocketAddress(InetAddress.getAllByName(ip)[0], port);
    } catch (UnknownHostException malformed) {
      throw new IllegalArgumentException(malformed);
    }
  }

  private List<InetSocketAddress> addresses() {
    return ports.stream()
        .map(port -> InetSocketAddress.createUnresolved("127.0.0.1", port.number()))
        .toList();
  }

  /** Opens a member, the first one as the creator of the group. */
  JGroupsGroup open(GroupSettings settings) throws IOException {
    return open(settings, groups.isEmpty() ? CREATOR : JOINER);
  }

  JGroupsGroup open(GroupSettings settings, GroupTimeouts timeouts) throws IOException {
    JGroupsGroup group = JGroupsGroup.open(settings, timeouts);
    groups.add(group);
    return group;
  }

  /** Opens and joins as many members as have ports, one after the other. */
  List<JGroupsGroup> join(List<GroupRecorder> recorders) throws IOException {
    List<JGroupsGroup> joined = new ArrayList<>();
    for (int i = 0; i < recorders.size(); i++) {
      JGroupsGroup group = open(settings(i));
      group.join(recorders.get(i));
      joined.add(group);
    }
    for (GroupRecorder recorder : recorders) {
      awaitMembers(recorder, recorders.size());
    }
    return joined;
  }

  static void awaitMembers(GroupRecorder recorder, int count) {
    awaitTrue(() -> !recorder.views().isEmpty() && recorder.view().members().size() == count);
  }

  static void awaitTrue(Callable<Boolean> condition) {
    await().atMost(LIMIT).pollInterval(Duration.ofMillis(10)).until(condition);
  }

  @Override
  public void close() {
    groups.forEach(JGroupsGroup::close);
    ports.forEach(ReservedPort::close);
  }
}
