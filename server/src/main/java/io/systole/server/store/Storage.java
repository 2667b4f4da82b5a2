// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** File operations that write. The seam for tests to inject failures. */
interface Storage {
  /** An action that may fail with an I/O error. */
  interface IoAction {
    void run() throws IOException;
  }

  /** An append-only file. */
  interface Output extends Closeable {
    void write(byte[] bytes, int from, int length) throws IOException;

    /** Forces the bytes written to the storage device. */
    void sync() throws IOException;
  }

  /** Creates a file, accessible to its owner only, which must not exist yet. */
  Output create(Path file) throws IOException;

  /** Renames a file atomically, replacing the target. */
  void rename(Path from, Path to) throws IOException;

  void delete(Path file) throws IOException;

  /** Forces the entries of a directory to the storage device. */
  void syncDirectory(Path directory) throws IOException;

  /** The default file system. */
  Storage REAL = new Storage() {
    @Override
    public Output create(Path file) throws IOException {
      FileChannel channel = FileChannel.open(
          file,
          Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
          FilePermissions.forFile(file));
      return new Output() {
        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
          ByteBuffer rest = ByteBuffer.wrap(bytes, from, length);
          while (rest.hasRemaining()) {
            channel.write(rest);
          }
        }

        @Override
        public void sync() throws IOException {
          channel.force(false);
        }

        @Override
        public void close() throws IOException {
          channel.close();
        }
      };
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(Path file) throws IOException {
      Files.deleteIfExists(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  };
}
