// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Validates registrations (spec §3.1). */
public final class RegistrationValidator {
  private RegistrationValidator() {}

  /**
   * Returns the error text of the first violation, in the order and wording of the reference, or
   * null if the instance may be registered.
   *
   * @param pathApp application name of the request path, in any case
   */
  public static @Nullable String refusalOf(InstanceInfo instance, String pathApp) {
    if (instance.id().isEmpty()) {
      return "Missing instanceId";
    }
    if (isMissing(instance.hostName())) {
      return "Missing hostname";
    }
    if (isMissing(instance.ipAddr())) {
      return "Missing ip address";
    }
    if (instance.app().isEmpty()) {
      return "Missing appName";
    }
    String expected = pathApp.toUpperCase(Locale.ROOT);
    if (!expected.equals(instance.app())) {
      return "Mismatched appName, expecting " + expected + " but was " + instance.app();
    }
    DataCenterInfo dataCenter = instance.dataCenterInfo();
    if (dataCenter == null) {
      return "Missing dataCenterInfo";
    }
    return dataCenter.name() == null ? "Missing dataCenterInfo Name" : null;
  }

  private static boolean isMissing(@Nullable String text) {
    return text == null || text.isEmpty();
  }
}
