// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.responsecache.ApplicationBlocks.InstanceBlock;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Instances by application, in order of appearance, and by dense numbers. Not thread-safe. Cost of
 * adding, replacing and removing: O(size of a block).
 */
final class BlockStore {
  private final Map<String, ApplicationBlocks> byName = new LinkedHashMap<>();

  /** By number. */
  private @Nullable InstanceBlock[] blocks = new InstanceBlock[16];

  private int size;

  Collection<ApplicationBlocks> all() {
    return byName.values();
  }

  /** Returns the number of instances. */
  int size() {
    return size;
  }

  @Nullable
  ApplicationBlocks appBlocks(String name) {
    return byName.get(name);
  }

  /** Returns the instance stored under this number, or null. */
  @Nullable
  InstanceInfo document(int number) {
    InstanceBlock block = block(number);
    return block == null ? null : block.document(block.indexOf(number));
  }

  /** Adds an instance under an unused number. */
  ApplicationBlocks add(int number, InstanceInfo document, long version) {
    ApplicationBlocks appBlocks = byName.computeIfAbsent(document.app(), ApplicationBlocks::new);
    if (number >= blocks.length) {
      blocks = Arrays.copyOf(blocks, Math.max(number + 1, blocks.length + blocks.length / 4));
    }
    blocks[number] = appBlocks.add(number, document);
    appBlocks.changed(version);
    size++;
    return appBlocks;
  }

  /** Replaces an instance with one of the same application. */
  ApplicationBlocks replace(int number, InstanceInfo document, long version) {
    InstanceBlock block = requiredBlock(number);
    block.set(block.indexOf(number), document);
    block.appBlocks.changed(version);
    return block.appBlocks;
  }

  /** Removes an instance, and its application if it was the last one. */
  ApplicationBlocks remove(int number, long version) {
    InstanceBlock block = requiredBlock(number);
    blocks[number] = null;
    InstanceBlock merged = block.appBlocks.remove(block, block.indexOf(number));
    if (merged != null) {
      for (int i = 0; i < merged.size(); i++) {
        blocks[merged.number(i)] = merged;
      }
    }
    block.appBlocks.changed(version);
    if (block.appBlocks.size() == 0) {
      byName.remove(block.appBlocks.name);
    }
    size--;
    return block.appBlocks;
  }

  /** Discards the segments of an encoding. Cost: O(blocks). */
  void drop(BlockEncoding encoding) {
    byName.values().forEach(appBlocks -> appBlocks.drop(encoding));
  }

  private @Nullable InstanceBlock block(int number) {
    return number < blocks.length ? blocks[number] : null;
  }

  private InstanceBlock requiredBlock(int number) {
    InstanceBlock block = block(number);
    if (block == null) {
      throw new IllegalStateException("no instance has number " + number);
    }
    return block;
  }
}
