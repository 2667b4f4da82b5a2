// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.route.SourceAddress;
import org.junit.jupiter.api.Test;

class BatchSequencesTest {
  private static final SourceAddress ONE = new SourceAddress(false, 1);
  private static final SourceAddress OTHER = new SourceAddress(false, 2);

  private final BatchSequences sequences = new BatchSequences();

  @Test
  void record_moreSequencesThanRemembered_forgetsTheOneUnusedLongest() {
    record("unused", 1, ONE);
    record("used", 1, ONE);
    for (int i = 1; i < BatchSequences.SEQUENCES_MAX; i++) {
      record("other-" + i, 1, ONE);
      record("used", i + 1, ONE);
    }

    assertThat(sequences.record("used/1", ONE)).isFalse();
    assertThat(sequences.record("unused/1", ONE)).isTrue();
  }

  /** Sequences that anybody invented made the node forget those of its peers. */
  @Test
  void record_manySequencesOfOneSource_keepsThoseOfOthers() {
    for (int peer = 0; peer < 64; peer++) {
      record("peer-" + peer, 7, OTHER);
    }

    for (int i = 0; i < 3 * BatchSequences.SEQUENCES_MAX; i++) {
      record("invented-" + i, 1, ONE);
    }

    for (int peer = 0; peer < 64; peer++) {
      assertThat(sequences.record("peer-" + peer + "/7", OTHER)).isFalse();
    }
  }

  /** A node may reach another by several addresses. */
  @Test
  void record_sequenceFromAnotherSource_isTheSame() {
    record("peer", 2, ONE);

    assertThat(sequences.record("peer/1", OTHER)).isFalse();
    record("peer", 3, OTHER);
    assertThat(sequences.record("peer/2", ONE)).isFalse();
  }

  private void record(String name, int number, SourceAddress source) {
    assertThat(sequences.record(name + "/" + number, source)).isTrue();
  }
}
