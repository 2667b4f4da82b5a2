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
import tools.jackson.core.JsonGenerator;

/**
 * Writes instances, applications and registries in JSON without their wrappers, with the members of
 * the reference in the same order. No member may be added, since clients fail at unknown members.
 * Lists are arrays for any number of elements (spec §6.5).
 */
final class JsonDocumentWriter {
  private JsonDocumentWriter() {}

  static void writeApplications(Applications applications, Form form, JsonGenerator json) {
    String version = applications.version();
    String appsHashCode = applications.appsHashCode();
    beginApplications(version, appsHashCode, form, json);
    for (Application application : applications.applications()) {
      writeApplication(application, form, json);
    }
    endApplications(version, appsHashCode, applications.applications().isEmpty(), form, json);
  }

  static void beginApplications(
      String version, String appsHashCode, Form form, JsonGenerator json) {
    json.writeStartObject();
    if (form == Form.FULL) {
      writeVersion(version, appsHashCode, json);
    }
    json.writeArrayPropertyStart("application");
  }

  static void endApplications(
      String version, String appsHashCode, boolean isEmpty, Form form, JsonGenerator json) {
    json.writeEndArray();
    if (form == Form.COMPACT) {
      json.writeBooleanProperty("registeredApplicationsEmpty", isEmpty);
      writeVersion(version, appsHashCode, json);
    }
    json.writeEndObject();
  }

  static void writeApplication(Application application, Form form, JsonGenerator json) {
    beginApplication(application.name(), json);
    writeInstances(application.instances(), form, json);
    endApplication(json);
  }

  static void beginApplication(String name, JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("name", name);
    json.writeArrayPropertyStart("instance");
  }

  static void writeInstances(List<InstanceInfo> instances, Form form, JsonGenerator json) {
    for (InstanceInfo instance : instances) {
      writeInstance(instance, form, json);
    }
  }

  static void endApplication(JsonGenerator json) {
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeVersion(String version, String appsHashCode, JsonGenerator json) {
    json.writeStringProperty("versions__delta", version);
    json.writeStringProperty("apps__hashcode", appsHashCode);
  }

  static void writeInstance(InstanceInfo instance, Form form, JsonGenerator json) {
    switch (form) {
      case FULL -> writeFull(instance, json);
      case COMPACT -> writeCompact(instance, json);
    }
  }

  private static void writeFull(InstanceInfo instance, JsonGenerator json) {
    json.writeStartObject();
    writeOptional("instanceId", instance.instanceId(), json);
    json.writeStringProperty("hostName", instance.hostName());
    json.writeStringProperty("app", instance.app());
    json.writeStringProperty("ipAddr", instance.ipAddr());
    writeOptional("sid", instance.sid(), json);
    json.writeStringProperty("status", instance.status().name());
    json.writeStringProperty("overriddenStatus", instance.overriddenStatus().name());
    writePort("port", instance.port(), json);
    writePort("securePort", instance.securePort(), json);
    json.writeNumberProperty("countryId", instance.countryId());
    writeDataCenter(instance.dataCenterInfo(), Form.FULL, json);
    writeLease(instance.leaseInfo(), json);
    writeMetadata(instance.metadata(), json);
    writeOptional("appGroupName", instance.appGroupName(), json);
    writeOptional("homePageUrl", instance.homePageUrl(), json);
    writeOptional("statusPageUrl", instance.statusPageUrl(), json);
    writeOptional("healthCheckUrl", instance.healthCheckUrl(), json);
    writeOptional("secureHealthCheckUrl", instance.secureHealthCheckUrl(), json);
    writeOptional("vipAddress", instance.vipAddress(), json);
    writeOptional("secureVipAddress", instance.secureVipAddress(), json);
    json.writeStringProperty(
        "isCoordinatingDiscoveryServer",
        Boolean.toString(instance.isCoordinatingDiscoveryServer()));
    json.writeStringProperty("lastUpdatedTimestamp", Long.toString(instance.lastUpdatedMs()));
    json.writeStringProperty("lastDirtyTimestamp", Long.toString(instance.lastDirtyMs()));
    writeOptional("actionType", instance.actionType(), json);
    writeOptional("asgName", instance.asgName(), json);
    json.writeEndObject();
  }

  private static void writeCompact(InstanceInfo instance, JsonGenerator json) {
    json.writeStartObject();
    writeOptional("instanceId", instance.instanceId(), json);
    json.writeStringProperty("app", instance.app());
    writeOptional("ipAddr", instance.ipAddr(), json);
    writeOptional("vipAddress", instance.vipAddress(), json);
    writeOptional("secureVipAddress", instance.secureVipAddress(), json);
    writeDataCenter(instance.dataCenterInfo(), Form.COMPACT, json);
    writeOptional("hostName", instance.hostName(), json);
    json.writeStringProperty("status", instance.status().name());
    json.writeNumberProperty("lastUpdatedTimestamp", instance.lastUpdatedMs());
    writeOptional("actionType", instance.actionType(), json);
    writeOptional("asgName", instance.asgName(), json);
    writePort("port", instance.port(), json);
    writePort("securePort", instance.securePort(), json);
    json.writeEndObject();
  }

  private static void writePort(String name, PortInfo port, JsonGenerator json) {
    json.writeObjectPropertyStart(name);
    json.writeNumberProperty("$", port.port());
    json.writeStringProperty("@enabled", Boolean.toString(port.isEnabled()));
    json.writeEndObject();
  }

  private static void writeDataCenter(
      @Nullable DataCenterInfo dataCenter, Form form, JsonGenerator json) {
    if (dataCenter == null) {
      return;
    }
    json.writeObjectPropertyStart("dataCenterInfo");
    json.writeStringProperty("@class", FieldNames.classOf(dataCenter));
    writeOptional("name", dataCenter.name(), json);
    if (dataCenter.isAmazon()) {
      json.writeObjectPropertyStart("metadata");
      FieldNames.amazonMetadata(form, dataCenter.metadata()).forEach(json::writeStringProperty);
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static void writeLease(LeaseInfo lease, JsonGenerator json) {
    json.writeObjectPropertyStart("leaseInfo");
    json.writeNumberProperty("renewalIntervalInSecs", lease.renewalIntervalSecs());
    json.writeNumberProperty("durationInSecs", lease.durationSecs());
    json.writeNumberProperty("registrationTimestamp", lease.registrationMs());
    json.writeNumberProperty("lastRenewalTimestamp", lease.lastRenewalMs());
    json.writeNumberProperty("evictionTimestamp", lease.evictionMs());
    json.writeNumberProperty("serviceUpTimestamp", lease.serviceUpMs());
    json.writeEndObject();
  }

  private static void writeMetadata(Map<String, String> metadata, JsonGenerator json) {
    json.writeObjectPropertyStart("metadata");
    if (metadata.isEmpty()) {
      json.writeStringProperty("@class", FieldNames.EMPTY_MAP_CLASS);
    }
    metadata.forEach(json::writeStringProperty);
    json.writeEndObject();
  }

  private static void writeOptional(String name, @Nullable Object value, JsonGenerator json) {
    if (value != null) {
      json.writeStringProperty(name, value.toString());
    }
  }
}
