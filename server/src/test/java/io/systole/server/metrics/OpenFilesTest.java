// SPDX-License-Identifier: Apache-2.0
package io.systole.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OpenFilesTest {
  @Test
  void count_runningProcess_isWithinTheLimit() {
    assertThat(new OpenFiles().count()).isBetween(1L, OpenFiles.max());
  }
}
