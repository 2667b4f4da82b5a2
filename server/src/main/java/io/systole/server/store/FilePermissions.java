// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Permissions of the data directory and its files: owner only, as documents may contain secrets.
 * Does nothing on file systems without POSIX permissions.
 */
final class FilePermissions {
  private static final Logger LOG = LoggerFactory.getLogger(FilePermissions.class);

  private static final FileAttribute<?>[] NO_ATTRIBUTES = {};

  private FilePermissions() {}

  /** Returns the attributes for creating a file, 0600. */
  static FileAttribute<?>[] forFile(Path file) {
    return attributes(file, "rw-------");
  }

  /** Returns the attributes for creating a directory, 0700. */
  static FileAttribute<?>[] forDirectory(Path directory) {
    return attributes(directory, "rwx------");
  }

  private static FileAttribute<?>[] attributes(Path path, String permissions) {
    if (!path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return NO_ATTRIBUTES;
    }
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
    };
  }

  /**
   * Logs a warning if users other than the owner can access the directory. The node starts all the
   * same: the files in it are 0600, and container platforms mount volumes as 0777.
   */
  static void warnIfShared(Path directory) throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(directory, PosixFileAttributeView.class);
    if (view == null) {
      return;
    }
    Set<PosixFilePermission> permissions;
    try {
      permissions = view.readAttributes().permissions();
    } catch (UnsupportedOperationException notPosix) {
      return;
    }
    Set<PosixFilePermission> owners = PosixFilePermissions.fromString("rwx------");
    if (owners.containsAll(permissions)) {
      return;
    }
    boolean isWritable = permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE);
    LOG.warn(
        "users other than the owner may {} the data directory, it should be rwx------ (0700)"
            + " directory={} permissions={}",
        isWritable ? "write to" : "list",
        directory,
        PosixFilePermissions.toString(permissions));
  }
}
