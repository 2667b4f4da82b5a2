// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.server.responsecache.ApplicationBlocks.InstanceBlock;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The encoding of a long document's blocks in time slices, ahead of its assembly. Not thread-safe.
 */
final class IncrementalEncoding {
  /*
   * Segments are kept with their blocks, so blocks may change between two time slices: a changed
   * block is encoded again, here or in the assembly. If changes outpace the encoding, it would
   * never end; so it encodes at most as many blocks as there could be at its start.
   */

  private final List<ApplicationBlocks> apps;
  private final BlockEncoding encoding;
  private int at;
  private int segmentsLeft;

  IncrementalEncoding(Collection<ApplicationBlocks> apps, BlockEncoding encoding) {
    this.apps = List.copyOf(apps);
    this.encoding = encoding;
    // Any two neighbours together hold more than the maximum of a block.
    for (ApplicationBlocks appBlocks : apps) {
      segmentsLeft += 2 * appBlocks.size() / InstanceBlock.INSTANCES_MAX + 1;
    }
  }

  /**
   * Continues until the time slice is over.
   *
   * @return whether the encoding is finished
   */
  boolean advance(RegistryEncoder encoder, BooleanSupplier isOver) {
    while (at < apps.size()) {
      ApplicationBlocks appBlocks = apps.get(at);
      // Each time slice starts with the first block, as blocks may have been merged.
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
