// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.codec.DocumentLimits;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.InstanceInfo;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Consumer;

/**
 * Reads the registry of a peer, one instance at a time. What a compressed response expands to is
 * not bounded by its size, so the number of instances and the bytes of each are.
 */
final class PeerRegistryReader {
  /** Thrown if the registry of a peer exceeds a limit of this node. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1;

    TooLargeException(String message) {
      super(message);
    }
  }

  /** The JSON of one instance. A registration is smaller; escape sequences may lengthen it. */
  private static final int INSTANCE_BYTES_MAX = 4 * DocumentLimits.INSTANCE_BYTES_MAX;

  private PeerRegistryReader() {}

  /**
   * Reads all instances.
   *
   * @param body a registry in JSON
   * @param instancesMax the maximum number of instances, repeated ones included
   * @return the number of malformed instances, which are left out
   * @throws MalformedDocumentException if the body is not a registry; the instances before that
   *     point have been passed on
   * @throws UncheckedIOException if the stream fails, or with a {@link TooLargeException}
   */
  static int read(InputStream body, int instancesMax, long nowMs, Consumer<InstanceInfo> onInstance)
      throws MalformedDocumentException {
    InstanceStream limited = new InstanceStream(body, instancesMax);
    return new JsonCodec().decodeInstances(limited, nowMs, instance -> {
      limited.endInstance();
      onInstance.accept(instance);
    });
  }

  /** Limits the number of instances, and the bytes read between the ends of two. */
  private static final class InstanceStream extends FilterInputStream {
    private int instancesLeft;
    private long bytes;

    InstanceStream(InputStream in, int instancesMax) {
      super(in);
      this.instancesLeft = instancesMax;
    }

    void endInstance() {
      bytes = 0;
      instancesLeft--;
      if (instancesLeft < 0) {
        throw new UncheckedIOException(
            new TooLargeException("more instances than --max-instances"));
      }
    }

    @Override
    public int read() throws IOException {
      return added(super.read(), 1);
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
      int count = super.read(target, from, length);
      return added(count, count);
    }

    private int added(int result, int count) throws IOException {
      bytes += result < 0 ? 0 : count;
      if (bytes > INSTANCE_BYTES_MAX) {
        throw new TooLargeException("an instance of more than " + INSTANCE_BYTES_MAX + " bytes");
      }
      return result;
    }
  }
}
