// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

/** The version of this tool, from the manifest of its jar. */
public final class ToolVersion {
  private ToolVersion() {}

  /** Returns the version, or {@code unpackaged} outside the jar. */
  public static String version() {
    String version = ToolVersion.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }
}
