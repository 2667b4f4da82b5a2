// SPDX-License-Identifier: Apache-2.0
package io.systole.server.deploy;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The merge of patches as Kustomize does it, as far as the components need it. */
final class StrategicMerge {
  private static final List<String> MERGE_KEYS = List.of("mountPath", "name");

  private StrategicMerge() {}

  /** Merges objects by their members, and lists by the key of their elements. */
  static void apply(JsonNode target, JsonNode patch) {
    if (target instanceof ArrayNode elements) {
      for (JsonNode patched : patch) {
        JsonNode same = elementLike(patched, elements);
        if (same == null) {
          elements.add(patched);
        } else {
          apply(same, patched);
        }
      }
    } else if (target instanceof ObjectNode members) {
      for (Map.Entry<String, JsonNode> patched : patch.properties()) {
        JsonNode same = members.get(patched.getKey());
        if (same == null || same.isValueNode()) {
          members.set(patched.getKey(), patched.getValue());
        } else {
          apply(same, patched.getValue());
        }
      }
    }
  }

  private static @Nullable JsonNode elementLike(JsonNode patched, ArrayNode elements) {
    String key = MERGE_KEYS.stream().filter(patched::has).findFirst().orElseThrow();
    for (JsonNode element : elements) {
      if (element.path(key).equals(patched.path(key))) {
        return element;
      }
    }
    return null;
  }
}
