// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.model.PortInfo;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes instance, application and applications elements as the reference does (spec §6.3 and
 * §6.4). List elements are direct children.
 */
final class XmlDocumentWriter {
  private XmlDocumentWriter() {}

  static void writeApplications(Applications applications, Form form, XmlWriter xml) {
    String version = applications.version();
    String appsHashCode = applications.appsHashCode();
    beginApplications(version, appsHashCode, form, xml);
    for (Application application : applications.applications()) {
      writeApplication(application, form, xml);
    }
    endApplications(version, appsHashCode, applications.applications().isEmpty(), form, xml);
  }

  static void beginApplications(String version, String appsHashCode, Form form, XmlWriter xml) {
    xml.open("applications");
    if (form == Form.FULL) {
      writeVersion(version, appsHashCode, xml);
    }
  }

  static void endApplications(
      String version, String appsHashCode, boolean isEmpty, Form form, XmlWriter xml) {
    if (form == Form.COMPACT) {
      xml.element("registeredApplicationsEmpty", Boolean.toString(isEmpty));
      writeVersion(version, appsHashCode, xml);
    }
    xml.close("applications");
  }

  static void writeApplication(Application application, Form form, XmlWriter xml) {
    beginApplication(application.name(), xml);
    writeInstances(application.instances(), form, xml);
    endApplication(xml);
  }

  static void beginApplication(String name, XmlWriter xml) {
    xml.open("application");
    xml.element("name", name);
  }

  static void writeInstances(List<InstanceInfo> instances, Form form, XmlWriter xml) {
    for (InstanceInfo instance : instances) {
      writeInstance(instance, form, xml);
    }
  }

  static void endApplication(XmlWriter xml) {
    xml.close("application");
  }

  private static void writeVersion(String version, String appsHashCode, XmlWriter xml) {
    xml.element("versions__delta", version);
    xml.element("apps__hashcode", appsHashCode);
  }

  static void writeInstance(InstanceInfo instance, Form form, XmlWriter xml) {
    switch (form) {
      case FULL -> writeFull("instance", instance, xml);
      case COMPACT -> writeCompact(instance, xml);
    }
  }

  static void writeFull(String element, InstanceInfo instance, XmlWriter xml) {
    xml.open(element);
    writeOptional("instanceId", instance.instanceId(), xml);
    writeOptional("hostName", instance.hostName(), xml);
    xml.element("app", instance.app());
    writeOptional("ipAddr", instance.ipAddr(), xml);
    writeOptional("sid", instance.sid(), xml);
    xml.element("status", instance.status().name());
    xml.element("overriddenstatus", instance.overriddenStatus().name());
    writePort("port", instance.port(), xml);
    writePort("securePort", instance.securePort(), xml);
    xml.element("countryId", Integer.toString(instance.countryId()));
    writeDataCenter(instance.dataCenterInfo(), Form.FULL, xml);
    writeLease(instance.leaseInfo(), xml);
    writeStringMap(instance.metadata(), xml);
    writeOptional("appGroupName", instance.appGroupName(), xml);
    writeOptional("homePageUrl", instance.homePageUrl(), xml);
    writeOptional("statusPageUrl", instance.statusPageUrl(), xml);
    writeOptional("healthCheckUrl", instance.healthCheckUrl(), xml);
    writeOptional("secureHealthCheckUrl", instance.secureHealthCheckUrl(), xml);
    writeOptional("vipAddress", instance.vipAddress(), xml);
    writeOptional("secureVipAddress", instance.secureVipAddress(), xml);
    xml.element(
        "isCoordinatingDiscoveryServer",
        Boolean.toString(instance.isCoordinatingDiscoveryServer()));
    xml.element("lastUpdatedTimestamp", Long.toString(instance.lastUpdatedMs()));
    xml.element("lastDirtyTimestamp", Long.toString(instance.lastDirtyMs()));
    writeOptional("actionType", instance.actionType(), xml);
    writeOptional("asgName", instance.asgName(), xml);
    xml.close(element);
  }

  private static void writeCompact(InstanceInfo instance, XmlWriter xml) {
    xml.open("instance");
    writeOptional("instanceId", instance.instanceId(), xml);
    xml.element("app", instance.app());
    writeOptional("ipAddr", instance.ipAddr(), xml);
    writeOptional("vipAddress", instance.vipAddress(), xml);
    writeOptional("secureVipAddress", instance.secureVipAddress(), xml);
    writeDataCenter(instance.dataCenterInfo(), Form.COMPACT, xml);
    writeOptional("hostName", instance.hostName(), xml);
    xml.element("status", instance.status().name());
    xml.element("lastUpdatedTimestamp", Long.toString(instance.lastUpdatedMs()));
    writeOptional("actionType", instance.actionType(), xml);
    writeOptional("asgName", instance.asgName(), xml);
    writePort("port", instance.port(), xml);
    writePort("securePort", instance.securePort(), xml);
    xml.close("instance");
  }

  private static void writePort(String name, PortInfo port, XmlWriter xml) {
    xml.element(name, "enabled", Boolean.toString(port.isEnabled()), Integer.toString(port.port()));
  }

  private static void writeDataCenter(
      @Nullable DataCenterInfo dataCenter, Form form, XmlWriter xml) {
    if (dataCenter == null || dataCenter.name() == null) {
      // XML requires the name (spec §6.2).
      return;
    }
    xml.open("dataCenterInfo", "class", FieldNames.classOf(dataCenter));
    xml.element("name", dataCenter.name());
    if (dataCenter.isAmazon()) {
      writeStringMap(FieldNames.amazonMetadata(form, dataCenter.metadata()), xml);
    }
    xml.close("dataCenterInfo");
  }

  private static void writeLease(LeaseInfo lease, XmlWriter xml) {
    xml.open("leaseInfo");
    xml.element("renewalIntervalInSecs", Integer.toString(lease.renewalIntervalSecs()));
    xml.element("durationInSecs", Integer.toString(lease.durationSecs()));
    xml.element("registrationTimestamp", Long.toString(lease.registrationMs()));
    xml.element("lastRenewalTimestamp", Long.toString(lease.lastRenewalMs()));
    xml.element("evictionTimestamp", Long.toString(lease.evictionMs()));
    xml.element("serviceUpTimestamp", Long.toString(lease.serviceUpMs()));
    xml.close("leaseInfo");
  }

  /**
   * Writes a map as elements. An entry with an empty key is left out, since the reference writes
   * malformed XML for it (spec §9 row 36). An empty map has its type marker in the compact form
   * too: Netflix's compact decoder reads the marker as an entry, but fails without it.
   */
  private static void writeStringMap(Map<String, String> map, XmlWriter xml) {
    if (map.isEmpty() || (map.size() == 1 && map.containsKey(""))) {
      xml.empty("metadata", "class", FieldNames.EMPTY_MAP_CLASS);
      return;
    }
    xml.open("metadata");
    for (Map.Entry<String, String> entry : map.entrySet()) {
      if (!entry.getKey().isEmpty()) {
        xml.element(XmlNames.escape(entry.getKey()), entry.getValue());
      }
    }
    xml.close("metadata");
  }

  private static void writeOptional(String name, @Nullable Object value, XmlWriter xml) {
    if (value != null) {
      xml.element(name, value.toString());
    }
  }
}
