// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The pieces of a long answer, encoded in turns ahead of it. One thread. */
final class IncrementalEncoding {
  /*
   * What is encoded is kept where it belongs, so the shelves may change between two turns: what has
   * changed is encoded anew, here or with the answer itself. Where changes come faster than turns,
   * this would never end; so it makes no more pieces than there were when it began.
   */

  private final List<ApplicationBlocks> blockStore;
  private final BlockEncoding encoding;
  private int at;
  private int segmentsLeft;

  IncrementalEncoding(Collection<ApplicationBlocks> blockStore, BlockEncoding encoding) {
    this.blockStore = List.copyOf(blockStore);
    this.encoding = encoding;
    // Any two neighbours hold more than a block's maximum.
    for (ApplicationBlocks appBlocks : blockStore) {
      segmentsLeft += 2 * appBlocks.size() / InstanceBlock.INSTANCES_MAX + 1;
    }
  }

  /**
   * Goes on until the turn is over.
   *
   * @return whether there is nothing left to be done ahead
   */
  boolean goOn(RegistryEncoder encoder, BooleanSupplier isOver) {
    while (at < blockStore.size()) {
      ApplicationBlocks appBlocks = blockStore.get(at);
      // Gone over from its beginning in each turn, as its blocks may have been merged.
      InstanceBlock block = appBlocks.joined(encoding) == null ? appBlocks.first : null;
      for (; block != null; block = block.next) {
        if (block.segments(encoding) == null) {
          if (segmentsLeft == 0) {
            return true;
          }
          if (isOver.getAsBoolean()) {
            return false;
          }
          encoder.segments(block, encoding);
          segmentsLeft--;
        }
      }
      at++;
    }
    return true;
  }
}
