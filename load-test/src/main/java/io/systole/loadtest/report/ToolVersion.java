// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

/** Which load test it is, as its jar says. */
public final class ToolVersion {
  private ToolVersion() {}

  /** Returns the version, or {@code unpackaged} when it doesn't run from its jar. */
  public static String version() {
    String version = ToolVersion.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }
}
