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
 * Permissions of the data directory and its files: the owner's alone, as documents may carry
 * secrets. File systems without POSIX permissions keep their own.
 */
final class FilePermissions {
  private static final Logger LOG = LoggerFactory.getLogger(FilePermissions.class);

  private static final FileAttribute<?>[] NO_ATTRIBUTES = {};

  private FilePermissions() {}

  /** Returns the attributes to create a file with, 0600. */
  static FileAttribute<?>[] forFile(Path file) {
    return attributes(file, "rw-------");
  }

  /** Returns the attributes to create a directory with, 0700. */
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
   * Logs a warning if others than the owner may use the directory. It is no reason not to start:
   * the files in it are 0600, and container platforms mount volumes as 0777.
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
        "others than its owner may {} the data directory, it should be rwx------ (0700)"
            + " directory={} permissions={}",
        isWritable ? "put files into" : "look into",
        directory,
        PosixFilePermissions.toString(permissions));
  }
}
