// SPDX-License-Identifier: Apache-2.0
package io.systole.client.stock;

class NetflixServerIT extends StockServerLife {
  NetflixServerIT() {
    super(StockProgram.NETFLIX);
  }
}
