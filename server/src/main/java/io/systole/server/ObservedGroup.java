// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.server.cluster.group.Group;
import io.systole.server.cluster.group.GroupListener;
import io.systole.server.cluster.group.GroupView;
import io.systole.server.cluster.group.MemberId;
import java.io.IOException;
import java.util.function.BiConsumer;

/** A group whose views an observer receives too. Thread-safe. */
final class ObservedGroup implements Group {
  private final Group group;
  private final BiConsumer<GroupListener, GroupView> observer;

  /**
   * @param observer passes a view on to the listener, and does what else a view requires; must not
   *     block
   */
  ObservedGroup(Group group, BiConsumer<GroupListener, GroupView> observer) {
    this.group = group;
    this.observer = observer;
  }

  @Override
  public MemberId self() {
    return group.self();
  }

  @Override
  public void join(GroupListener listener) throws IOException {
    group.join(new GroupListener() {
      @Override
      public void onView(GroupView view) {
        observer.accept(listener, view);
      }

      @Override
      public void onMessage(MemberId sender, byte[] bytes, int from, int length) {
        listener.onMessage(sender, bytes, from, length);
      }
    });
  }

  @Override
  public boolean multicast(byte[] message) {
    return group.multicast(message);
  }

  @Override
  public void multicastUnreliably(byte[] message) {
    group.multicastUnreliably(message);
  }

  @Override
  public boolean send(MemberId receiver, byte[] message) {
    return group.send(receiver, message);
  }

  @Override
  public void close() {
    group.close();
  }
}
