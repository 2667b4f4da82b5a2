// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.ReplicationItem.Action;
import io.systole.server.peer.BatchSize.Refusal;
import io.systole.server.registry.Instances;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchSizeTest {
  private final BatchSize size = new BatchSize();

  private static ReplicationBatch batch(int items) {
    ReplicationBatch batch =
        new ReplicationBatch(ReplicationQueue.ITEMS_MAX, ReplicationQueue.BATCH_BYTES_MAX);
    for (int i = 0; i < items; i++) {
      batch.addState(
          ReplicationBatch.item(Action.HEARTBEAT, Instances.up("DEMO", "i-" + i, 30), null), i);
    }
    return batch;
  }

  @Test
  void failed_repeatedly_leavesOneItem() {
    for (int i = 0; i < 20; i++) {
      size.failed();
    }

    assertThat(size.itemsMax()).isEqualTo(1);
  }

  @Test
  void accepted_afterFailures_growsToTheMaximum() {
    size.failed();
    size.failed();

    size.accepted();
    assertThat(size.itemsMax()).isEqualTo(124);
    size.accepted();
    size.accepted();

    assertThat(size.itemsMax()).isEqualTo(ReplicationQueue.ITEMS_MAX);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 413, 500})
  void refused_forItsContent_splitsUntilOneItemIsDropped(int status) {
    assertThat(size.refused(batch(7), status)).isEqualTo(Refusal.SPLIT);
    assertThat(size.itemsMax()).isEqualTo(3);
    assertThat(size.refused(batch(3), status)).isEqualTo(Refusal.SPLIT);
    assertThat(size.itemsMax()).isEqualTo(1);

    assertThat(size.refused(batch(1), status)).isEqualTo(Refusal.RETRY);
    assertThat(size.refused(batch(1), status)).isEqualTo(Refusal.RETRY);
    assertThat(size.refused(batch(1), status)).isEqualTo(Refusal.DROP);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 404, 409, 503})
  void refused_forAnotherReason_isRetriedWithFewerItems(int status) {
    assertThat(size.refused(batch(200), status)).isEqualTo(Refusal.RETRY);

    assertThat(size.itemsMax()).isEqualTo(125);
  }
}
