// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.server.responsecache.ApplicationBlocks.InstanceBlock;
import io.systole.server.responsecache.ApplicationGroups.ApplicationGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The encoding of a long document's blocks in time slices, ahead of its assembly. Not thread-safe.
 */
final class IncrementalEncoding {
  /*
   * Segments are kept with their blocks and groups, so these may change between two time slices: a
   * changed one is encoded again, here or in the assembly. If changes outpace the encoding, it would
   * never end; so it encodes at most as many as there could be at its start.
   *
   * A group is represented by its first application: groups are split and merged, and the group in
   * which it is at its turn is encoded. Others that were split off are left to the assembly.
   */

  private final List<ApplicationBlocks> apps = new ArrayList<>();
  private final BlockEncoding encoding;
  private int at;
  private int segmentsLeft;

  /** Creates the encoding of a registry. */
  IncrementalEncoding(ApplicationGroups groups, BlockEncoding encoding) {
    this.encoding = encoding;
    for (ApplicationGroup group : groups) {
      // Whichever group it is in when its turn comes.
      add(group.apps().get(0), group.instanceCount());
    }
  }

  /** Creates the encoding of applications that are not in shared groups. */
  IncrementalEncoding(List<ApplicationBlocks> apps, BlockEncoding encoding) {
    this.encoding = encoding;
    apps.forEach(appBlocks -> add(appBlocks, appBlocks.size()));
  }

  /**
   * Adds an application with so many instances in it, or in its shared group. Neighbouring blocks
   * together hold more instances than the maximum of one, which bounds the number of segments.
   */
  private void add(ApplicationBlocks appBlocks, int instances) {
    apps.add(appBlocks);
    segmentsLeft += 2 * instances / InstanceBlock.INSTANCES_MAX + 1;
  }

  /**
   * Continues until the time slice is over.
   *
   * @return whether the encoding is finished
   */
  boolean advance(RegistryEncoder encoder, BooleanSupplier isOver) {
    for (; at < apps.size(); at++) {
      ApplicationBlocks appBlocks = apps.get(at);
      ApplicationGroup group = ApplicationGroups.groupOf(appBlocks);
      if (group != null && group.isShared()) {
        if (group.segments(encoding) == null) {
          if (mustStop(isOver)) {
            return segmentsLeft == 0;
          }
          encoder.segments(group, encoding);
        }
        continue;
      }
      // Each time slice starts with the first block, as blocks may have been merged.
      InstanceBlock block =
          appBlocks.applicationSegments(encoding) == null ? appBlocks.first : null;
      for (; block != null; block = block.next) {
        if (block.segments(encoding) == null) {
          if (mustStop(isOver)) {
            return segmentsLeft == 0;
          }
          encoder.segments(block, encoding);
        }
      }
    }
    return true;
  }

  /** Returns false if another segment may be encoded, which is then counted. */
  private boolean mustStop(BooleanSupplier isOver) {
    if (segmentsLeft == 0 || isOver.getAsBoolean()) {
      return true;
    }
    segmentsLeft--;
    return false;
  }
}
