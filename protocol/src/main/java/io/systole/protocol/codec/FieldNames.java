// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.DataCenterInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Class names and keys that both formats share (spec §6). */
final class FieldNames {
  static final String EMPTY_MAP_CLASS = "java.util.Collections$EmptyMap";
  static final String AMAZON_CLASS = "com.netflix.appinfo.AmazonInfo";
  static final String DEFAULT_CLASS = "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo";
  static final String MY_CLASS = "com.netflix.appinfo.MyDataCenterInfo";

  /** Keys of Amazon's metadata in the compact form (spec §6.3). */
  private static final Set<String> COMPACT_AMAZON_KEYS =
      Set.of("instance-id", "public-ipv4", "public-hostname", "local-ipv4", "availability-zone");

  private FieldNames() {}

  /** Returns the {@code @class} of a data center as written by the reference. */
  static String classOf(DataCenterInfo dataCenter) {
    return dataCenter.isAmazon() ? AMAZON_CLASS : DEFAULT_CLASS;
  }

  /** Returns the entries of Amazon's metadata that the form includes, in order. */
  static Map<String, String> amazonMetadata(Form form, Map<String, String> metadata) {
    if (form == Form.FULL) {
      return metadata;
    }
    Map<String, String> compact = new LinkedHashMap<>(metadata);
    compact.keySet().retainAll(COMPACT_AMAZON_KEYS);
    return compact;
  }

  static boolean isDataCenterClass(@Nullable String type) {
    return AMAZON_CLASS.equals(type) || DEFAULT_CLASS.equals(type) || MY_CLASS.equals(type);
  }
}
