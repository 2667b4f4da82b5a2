// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.InstanceInfo;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The changes of the last while, oldest first: what a delta is made of. Guarded by its owner. */
final class ChangeLog {
  private final long retentionNs;
  private final int changesMax;
  private final ArrayDeque<Change> changes = new ArrayDeque<>();
  private long version;

  /**
   * @param retentionMs how long a change is told
   * @param changesMax how many are kept at most; a client that misses one sees it by the hash code
   */
  ChangeLog(long retentionMs, int changesMax) {
    this.retentionNs = TimeUnit.MILLISECONDS.toNanos(retentionMs);
    this.changesMax = changesMax;
  }

  void append(InstanceInfo document, long nowNs) {
    version++;
    changes.add(new Change(version, nowNs, document));
    if (changes.size() > changesMax) {
      changes.remove();
    }
    forget(nowNs);
  }

  /** How many changes there ever were. */
  long version() {
    return version;
  }

  /**
   * What changed of late: applications in the order in which they first changed, of each instance
   * only its last change (spec §4.3).
   */
  List<Application> recent(long nowNs) {
    forget(nowNs);
    Map<String, Map<String, InstanceInfo>> apps = new LinkedHashMap<>();
    for (Change change : changes) {
      InstanceInfo document = change.document();
      Map<String, InstanceInfo> instances =
          apps.computeIfAbsent(document.app(), any -> new LinkedHashMap<>());
      // A later entry moves to the end.
      instances.remove(document.id());
      instances.put(document.id(), document);
    }
    List<Application> recent = new ArrayList<>(apps.size());
    apps.forEach(
        (app, instances) -> recent.add(new Application(app, List.copyOf(instances.values()))));
    return recent;
  }

  private void forget(long nowNs) {
    Change oldest = changes.peek();
    while (oldest != null && nowNs - oldest.atNs() > retentionNs) {
      changes.remove();
      oldest = changes.peek();
    }
  }
}
