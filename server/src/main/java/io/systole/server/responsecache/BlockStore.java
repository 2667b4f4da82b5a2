// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.model.InstanceInfo;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Instances by application, in order of appearance, and by dense numbers. One thread. Adding,
 * replacing and removing cost the size of a block at most.
 */
final class BlockStore {
  private final Map<String, ApplicationBlocks> byName = new LinkedHashMap<>();

  /** By number. */
  private @Nullable InstanceBlock[] blocks = new InstanceBlock[16];

  private int size;

  Collection<ApplicationBlocks> all() {
    return byName.values();
  }

  /** How many instances there are. */
  int size() {
    return size;
  }

  @Nullable
  ApplicationBlocks appBlocks(String name) {
    return byName.get(name);
  }

  /** The instance of this number, or null. */
  @Nullable
  InstanceInfo document(int number) {
    InstanceBlock block = block(number);
    return block == null ? null : block.document(block.indexOf(number));
  }

  /** Adds an instance; its number is free. */
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

  /** Puts a document of the same application in the place of the one there is. */
  ApplicationBlocks replace(int number, InstanceInfo document, long version) {
    InstanceBlock block = held(number);
    block.set(block.indexOf(number), document);
    block.appBlocks.changed(version);
    return block.appBlocks;
  }

  /** Takes an instance out; its application goes with its last one. */
  ApplicationBlocks remove(int number, long version) {
    InstanceBlock block = held(number);
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

  /** Gives back what was encoded in a style. Walks everything. */
  void drop(BlockEncoding encoding) {
    byName.values().forEach(appBlocks -> appBlocks.drop(encoding));
  }

  private @Nullable InstanceBlock block(int number) {
    return number < blocks.length ? blocks[number] : null;
  }

  private InstanceBlock held(int number) {
    InstanceBlock block = block(number);
    if (block == null) {
      throw new IllegalStateException("nothing is held by the number " + number);
    }
    return block;
  }
}
