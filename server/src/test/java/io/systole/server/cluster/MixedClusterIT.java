// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.client.stock.StockProgram;
import org.junit.jupiter.api.Tag;

@Tag("extended")
class MixedClusterIT extends MixedClusterLifecycle {
  MixedClusterIT() {
    super(StockProgram.SPRING);
  }
}
