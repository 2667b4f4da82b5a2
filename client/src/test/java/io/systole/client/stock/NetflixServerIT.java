// SPDX-License-Identifier: Apache-2.0
package io.systole.client.stock;

class NetflixServerIT extends StockServerLifecycle {
  NetflixServerIT() {
    super(StockProgram.NETFLIX);
  }
}
