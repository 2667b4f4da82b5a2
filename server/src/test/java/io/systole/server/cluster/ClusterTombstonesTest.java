// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.cluster.message.KeyHash;
import io.systole.server.cluster.message.RecordStamp;
import io.systole.server.cluster.message.RemovalCause;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ClusterTombstonesTest {
  private final ClusterTombstones tombstones = new ClusterTombstones(1_000, 3);

  private static InstanceKey key(int id) {
    return new InstanceKey("APP", "i" + id);
  }

  private void add(int id, long nowNs) {
    tombstones.add(key(id), new RecordStamp(id, nowNs, 1), RemovalCause.CANCEL, false, nowNs);
  }

  private int countInBuckets() {
    List<Object> all = new ArrayList<>();
    for (int bucket = 0; bucket < KeyHash.BUCKETS; bucket++) {
      tombstones.forEach(bucket, all::add);
    }
    return all.size();
  }

  @Test
  void add_tooMany_dropsTheOldest() {
    for (int id = 0; id < 5; id++) {
      add(id, id);
      tombstones.markDue(key(id));
    }

    assertThat(tombstones.size()).isEqualTo(3);
    assertThat(countInBuckets()).isEqualTo(3);
    assertThat(tombstones.find(key(1))).isNull();
    assertThat(Objects.requireNonNull(tombstones.takeDue()).key).isEqualTo(key(2));
  }

  @Test
  void add_longKeys_dropsTheOldestByTheirLength() {
    for (int id = 0; id < 3; id++) {
      InstanceKey key = new InstanceKey("A", id + "x".repeat(ClusterTombstones.KEY_CHARS * 2));
      tombstones.add(key, new RecordStamp(id, id, 1), RemovalCause.CANCEL, false, id);
    }
    assertThat(tombstones.size()).isEqualTo(1);
    assertThat(countInBuckets()).isEqualTo(1);

    add(1, 3);
    add(2, 4);
    assertThat(tombstones.size()).isEqualTo(3);
    tombstones.expire(2_000);
    assertThat(tombstones.size()).isZero();
    add(1, 5);
    add(2, 6);
    add(3, 7);
    assertThat(tombstones.size()).isEqualTo(3);
  }

  @Test
  void add_sameInstance_replacesAndRenewsTheTime() {
    add(1, 0);
    add(2, 1);
    add(1, 500);

    tombstones.expire(1_002);

    assertThat(tombstones.find(key(2))).isNull();
    assertThat(Objects.requireNonNull(tombstones.find(key(1))).stamp.hlc()).isEqualTo(500);
    assertThat(countInBuckets()).isEqualTo(1);
  }

  @Test
  void expire_atTheRetention_keepsUntilItIsOver() {
    add(1, 0);

    tombstones.expire(1_000);
    assertThat(tombstones.size()).isEqualTo(1);

    tombstones.expire(1_001);
    assertThat(tombstones.size()).isZero();
    assertThat(countInBuckets()).isZero();
  }

  @Test
  void remove_dueTombstone_isNotSent() {
    add(1, 0);
    tombstones.markDue(key(1));

    tombstones.remove(key(1));

    assertThat(tombstones.hasDue()).isFalse();
    assertThat(tombstones.takeDue()).isNull();
  }
}
