// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A listener that keeps what it receives, messages as text. */
final class GroupRecorder implements GroupListener {
  private final List<GroupView> views = new CopyOnWriteArrayList<>();
  private final List<String> messages = new CopyOnWriteArrayList<>();
  private final List<MemberId> senders = new CopyOnWriteArrayList<>();

  @Override
  public void onView(GroupView view) {
    views.add(view);
  }

  @Override
  public void onMessage(MemberId sender, byte[] bytes, int from, int length) {
    senders.add(sender);
    messages.add(new String(bytes, from, length, StandardCharsets.UTF_8));
  }

  /** Returns the views, oldest first. */
  List<GroupView> views() {
    return views;
  }

  /** Returns the newest view. */
  GroupView view() {
    return views.get(views.size() - 1);
  }

  /** Returns the messages in the order of their arrival. */
  List<String> messages() {
    return messages;
  }

  /** Returns the senders of the messages. */
  List<MemberId> senders() {
    return senders;
  }
}
