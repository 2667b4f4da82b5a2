// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * The build of the node, from the manifest of its jar.
 *
 * @param version the release; {@code (not packaged)} outside a jar
 * @param revision the commit that it was built from; null if unknown
 */
record BuildInfo(String version, @Nullable String revision) {
  /** The build of this node. */
  static final BuildInfo CURRENT = read();

  private static final String REVISION = "Implementation-Revision";

  private static BuildInfo read() {
    String version = BuildInfo.class.getPackage().getImplementationVersion();
    return new BuildInfo(version == null ? "(not packaged)" : version, readRevision());
  }

  private static @Nullable String readRevision() {
    URL own = BuildInfo.class.getResource("BuildInfo.class");
    try {
      if (own != null && own.openConnection() instanceof JarURLConnection jar) {
        Manifest manifest = jar.getManifest();
        String revision = manifest == null ? null : manifest.getMainAttributes().getValue(REVISION);
        // Empty if it was built without a repository.
        return revision == null || revision.isEmpty() ? null : revision;
      }
      return null;
    } catch (IOException unreadable) {
      return null;
    }
  }
}
