// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.BatchItem.Heartbeat;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.ReplicationItem;
import io.systole.protocol.model.ReplicationItem.Action;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A differential assertion: locating heartbeats has the result of decoding every item. */
final class BatchReadings {
  private static final ReplicationCodec CODEC = new ReplicationCodec();

  private BatchReadings() {}

  /** Fails if the two ways to read a batch differ; returns the number of located heartbeats. */
  static int requireAlike(byte[] body) {
    List<ReplicationItem> expected = null;
    List<BatchItem> batch = null;
    String refusal = null;
    String scannedRefusal = null;
    try {
      expected = CODEC.decodeItems(body, 0, body.length, 0);
    } catch (MalformedDocumentException e) {
      refusal = e.getMessage() + " at " + e.offset();
    }
    try {
      batch = CODEC.decodeBatch(body, 0, body.length, 0);
    } catch (MalformedDocumentException e) {
      scannedRefusal = e.getMessage() + " at " + e.offset();
    }

    String text = new String(body, StandardCharsets.ISO_8859_1);
    assertThat(scannedRefusal).as(text).isEqualTo(refusal);
    assertThat(batch == null).as(text).isEqualTo(expected == null);
    return expected == null || batch == null ? 0 : requireAlike(batch, expected, body);
  }

  private static int requireAlike(
      List<BatchItem> batch, List<ReplicationItem> expected, byte[] body) {
    List<ReplicationItem> found = new ArrayList<>();
    int located = 0;
    for (int i = 0; i < batch.size(); i++) {
      if (batch.get(i) instanceof Heartbeat heartbeat && i < expected.size()) {
        // The status of a heartbeat has no effect, and is not located.
        found.add(decoded(heartbeat, expected.get(i).status(), body));
        located++;
      } else if (batch.get(i) instanceof BatchItem.Decoded other) {
        found.add(other.item());
      }
    }
    assertThat(found).as(new String(body, StandardCharsets.ISO_8859_1)).isEqualTo(expected);
    return located;
  }

  private static ReplicationItem decoded(
      Heartbeat heartbeat, @Nullable InstanceStatus status, byte[] body) {
    return new ReplicationItem(
        Action.HEARTBEAT,
        heartbeat.app(body),
        heartbeat.id(body),
        heartbeat.dirtyMs() == Heartbeat.NO_TIMESTAMP ? null : heartbeat.dirtyMs(),
        status,
        heartbeat.overriddenStatus(),
        null);
  }
}
