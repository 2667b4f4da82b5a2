// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.auth.Principal;
import io.systole.server.auth.Role;
import io.systole.server.route.BodySource;
import io.systole.server.route.ResponseBody;
import org.jspecify.annotations.Nullable;

/** A streamed body that ends when its reader no longer has the role to read it. */
public final class PermittedBody implements BodySource {
  private final BodySource source;
  private final Principal reader;

  private PermittedBody(BodySource source, Principal reader) {
    this.source = source;
    this.reader = reader;
  }

  /**
   * Returns the body if it is not of unknown length, else one that ends with the role.
   *
   * @param reader null if the node requires no credentials
   */
  public static ResponseBody of(ResponseBody body, @Nullable Principal reader) {
    return reader != null && body instanceof ResponseBody.Streaming streaming
        ? ResponseBody.streaming(wake -> new PermittedBody(streaming.sources().apply(wake), reader))
        : body;
  }

  @Override
  public int read(byte[] into, int from, int length) {
    return reader.stillHas(Role.READ) ? source.read(into, from, length) : END;
  }

  @Override
  public void close() {
    source.close();
  }
}
