// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PipelineDepthTest {
  private final PipelineDepth depth = new PipelineDepth();

  @Test
  void depth_initially_isUnlimited() {
    depth.responded(0, 1_000_000);

    assertThat(depth.depth()).isEqualTo(1 << 20);
  }

  @Test
  void pipelineClosed_fallsToOneAndRisesWithResponses() {
    depth.pipelineClosed();
    int closed = depth.depth();
    int counted = depth.responded(0, 47);
    int risen = depth.depth();
    depth.responded(counted, 48);

    assertThat(closed).isEqualTo(1);
    assertThat(counted).isEqualTo(32);
    assertThat(risen).isEqualTo(3);
    assertThat(depth.depth()).isEqualTo(4);
  }

  @Test
  void responded_fewOnEachConnection_staysAtOne() {
    depth.pipelineClosed();

    for (int connection = 0; connection < 100; connection++) {
      depth.responded(0, 15);
    }

    assertThat(depth.depth()).isEqualTo(1);
  }
}
