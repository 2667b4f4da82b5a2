// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/** Writes bare applications, one or all; lists are arrays even of one or none (spec §6.5). */
final class ApplicationsJsonWriter {
  private ApplicationsJsonWriter() {}

  static void writeAll(Applications applications, Form form, JsonGenerator json) {
    String version = applications.version();
    String appsHashCode = applications.appsHashCode();
    beginAll(version, appsHashCode, form, json);
    for (Application application : applications.applications()) {
      writeOne(application, form, json);
    }
    endAll(version, appsHashCode, applications.applications().isEmpty(), form, json);
  }

  static void beginAll(String version, String appsHashCode, Form form, JsonGenerator json) {
    json.writeStartObject();
    if (form == Form.FULL) {
      writeVersion(version, appsHashCode, json);
    }
    json.writeArrayPropertyStart("application");
  }

  static void endAll(
      String version, String appsHashCode, boolean isEmpty, Form form, JsonGenerator json) {
    json.writeEndArray();
    if (form == Form.COMPACT) {
      json.writeBooleanProperty("registeredApplicationsEmpty", isEmpty);
      writeVersion(version, appsHashCode, json);
    }
    json.writeEndObject();
  }

  static void writeOne(Application application, Form form, JsonGenerator json) {
    beginOne(application.name(), json);
    writeInstances(application.instances(), form, json);
    endOne(json);
  }

  static void beginOne(String name, JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("name", name);
    json.writeArrayPropertyStart("instance");
  }

  static void writeInstances(List<InstanceInfo> instances, Form form, JsonGenerator json) {
    for (InstanceInfo instance : instances) {
      InstanceJsonWriter.write(instance, form, json);
    }
  }

  static void endOne(JsonGenerator json) {
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeVersion(String version, String appsHashCode, JsonGenerator json) {
    json.writeStringProperty("versions__delta", version);
    json.writeStringProperty("apps__hashcode", appsHashCode);
  }
}
