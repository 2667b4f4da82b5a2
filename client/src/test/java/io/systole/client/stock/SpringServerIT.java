// SPDX-License-Identifier: Apache-2.0
package io.systole.client.stock;

class SpringServerIT extends StockServerLife {
  SpringServerIT() {
    super(StockProgram.SPRING);
  }
}
