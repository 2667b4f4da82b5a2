// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;

/** Writes an applications or application element; lists stand directly in their parent. */
final class ApplicationsToXml {
  private ApplicationsToXml() {}

  static void writeAll(Applications applications, Form form, XmlOut xml) {
    xml.open("applications");
    if (form == Form.FULL) {
      writeVersion(applications, xml);
    }
    for (Application application : applications.applications()) {
      writeOne(application, form, xml);
    }
    if (form == Form.COMPACT) {
      xml.element(
          "registeredApplicationsEmpty",
          Boolean.toString(applications.applications().isEmpty()));
      writeVersion(applications, xml);
    }
    xml.close("applications");
  }

  static void writeOne(Application application, Form form, XmlOut xml) {
    xml.open("application");
    xml.element("name", application.name());
    for (InstanceInfo instance : application.instances()) {
      InstanceToXml.write(instance, form, xml);
    }
    xml.close("application");
  }

  private static void writeVersion(Applications applications, XmlOut xml) {
    xml.element("versions__delta", applications.version());
    xml.element("apps__hashcode", applications.appsHashCode());
  }
}
