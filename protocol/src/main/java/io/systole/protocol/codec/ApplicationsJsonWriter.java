// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/**
 * Writes one application or a registry without its wrapper. Lists are arrays for any number of
 * elements (spec §6.5).
 */
final class ApplicationsJsonWriter {
  private ApplicationsJsonWriter() {}

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
      InstanceJsonWriter.write(instance, form, json);
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
}
