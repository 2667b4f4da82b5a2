// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.DataCenterInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Words of the documents that both formats share (spec §6). */
final class FieldNames {
  static final String EMPTY_MAP_CLASS = "java.util.Collections$EmptyMap";
  static final String AMAZON_CLASS = "com.netflix.appinfo.AmazonInfo";
  static final String DEFAULT_CLASS = "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo";
  static final String MY_CLASS = "com.netflix.appinfo.MyDataCenterInfo";

  /** What the compact form keeps of Amazon's metadata (spec §6.3). */
  private static final Set<String> COMPACT_AMAZON_KEYS =
      Set.of("instance-id", "public-ipv4", "public-hostname", "local-ipv4", "availability-zone");

  private FieldNames() {}

  /** Returns the type that the reference writes for a data center. */
  static String classOf(DataCenterInfo dataCenter) {
    return dataCenter.isAmazon() ? AMAZON_CLASS : DEFAULT_CLASS;
  }

  /** Returns what the form keeps of Amazon's metadata, in its order. */
  static Map<String, String> kept(Form form, Map<String, String> amazonMetadata) {
    if (form == Form.FULL) {
      return amazonMetadata;
    }
    Map<String, String> kept = new LinkedHashMap<>(amazonMetadata);
    kept.keySet().retainAll(COMPACT_AMAZON_KEYS);
    return kept;
  }

  static boolean isDataCenterClass(@Nullable String type) {
    return AMAZON_CLASS.equals(type) || DEFAULT_CLASS.equals(type) || MY_CLASS.equals(type);
  }
}
