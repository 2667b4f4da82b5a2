// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import tools.jackson.core.JsonGenerator;

/** Writes bare applications, one or all; lists are arrays even of one or none (spec §6.5). */
final class ApplicationsToJson {
  private ApplicationsToJson() {}

  static void writeAll(Applications applications, Form form, JsonGenerator json) {
    json.writeStartObject();
    if (form == Form.FULL) {
      writeVersion(applications, json);
    }
    json.writeArrayPropertyStart("application");
    for (Application application : applications.applications()) {
      writeOne(application, form, json);
    }
    json.writeEndArray();
    if (form == Form.COMPACT) {
      json.writeBooleanProperty(
          "registeredApplicationsEmpty", applications.applications().isEmpty());
      writeVersion(applications, json);
    }
    json.writeEndObject();
  }

  static void writeOne(Application application, Form form, JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("name", application.name());
    json.writeArrayPropertyStart("instance");
    for (InstanceInfo instance : application.instances()) {
      InstanceToJson.write(instance, form, json);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeVersion(Applications applications, JsonGenerator json) {
    json.writeStringProperty("versions__delta", applications.version());
    json.writeStringProperty("apps__hashcode", applications.appsHashCode());
  }
}
