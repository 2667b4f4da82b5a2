// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reduces instances to their XML-representable part: no empty key, no data center without name, no
 * forbidden character.
 */
final class XmlRepresentable {
  private XmlRepresentable() {}

  static InstanceInfo of(InstanceInfo instance) {
    DataCenterInfo dataCenter = instance.dataCenterInfo();
    return instance.toBuilder()
        .instanceId(allowed(instance.instanceId()))
        .hostName(allowed(instance.hostName()))
        .app(instance.app().isEmpty() ? "" : replaced(instance.app()))
        .ipAddr(allowed(instance.ipAddr()))
        .sid(allowed(instance.sid()))
        .dataCenterInfo(dataCenter == null ? null : of(dataCenter))
        .metadata(of(instance.metadata()))
        .appGroupName(allowed(instance.appGroupName()))
        .homePageUrl(allowed(instance.homePageUrl()))
        .statusPageUrl(allowed(instance.statusPageUrl()))
        .healthCheckUrl(allowed(instance.healthCheckUrl()))
        .secureHealthCheckUrl(allowed(instance.secureHealthCheckUrl()))
        .vipAddress(allowed(instance.vipAddress()))
        .secureVipAddress(allowed(instance.secureVipAddress()))
        .asgName(allowed(instance.asgName()))
        .build();
  }

  private static @Nullable DataCenterInfo of(DataCenterInfo dataCenter) {
    return dataCenter.name() == null
        ? null
        : new DataCenterInfo(dataCenter.name(), of(dataCenter.metadata()));
  }

  private static Map<String, String> of(Map<String, String> metadata) {
    Map<String, String> allowed = new LinkedHashMap<>();
    metadata.forEach((key, value) -> allowed.put(key, replaced(value)));
    allowed.remove("");
    return allowed;
  }

  private static @Nullable String allowed(@Nullable String text) {
    return text == null ? null : replaced(text);
  }

  private static String replaced(String text) {
    return text.replaceAll("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]", "\ufffd");
  }
}
