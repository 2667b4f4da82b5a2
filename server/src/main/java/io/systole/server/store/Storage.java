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

/** What is written goes through here: the one seam between the store and what can fail. */
interface Storage {
  /** A file that grows. */
  interface Output extends Closeable {
    void write(byte[] bytes, int from, int length) throws IOException;

    /** Returns once all that was written would survive a loss of power. */
    void sync() throws IOException;
  }

  /** Makes a file for its owner alone, which must not be there yet. */
  Output create(Path file) throws IOException;

  /** Gives a file its name in one step, whatever had that name. */
  void rename(Path from, Path to) throws IOException;

  void delete(Path file) throws IOException;

  /** Makes the names of a directory survive a loss of power. */
  void syncDirectory(Path directory) throws IOException;

  /** The machine's. */
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
