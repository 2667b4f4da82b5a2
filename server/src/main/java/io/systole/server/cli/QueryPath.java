// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import org.jspecify.annotations.Nullable;

/** A path with encoded segments and query parameters. */
final class QueryPath {
  private final StringBuilder path;
  private char separator = '?';

  /** @param path encoded */
  QueryPath(String path) {
    this.path = new StringBuilder(path);
  }

  /** Returns the path of a resource of an application, or of one of its instances. */
  static QueryPath of(String resource, String app, @Nullable String id) {
    if (app.isEmpty() || (id != null && id.isEmpty())) {
      throw CommandException.usage("APP or ID is empty");
    }
    return new QueryPath(
        "/systole/" + resource + "/" + encode(app) + (id == null ? "" : "/" + encode(id)));
  }

  /** Adds a parameter unless its value is null. */
  QueryPath with(String name, @Nullable String value) {
    if (value != null) {
      path.append(separator).append(name).append('=').append(encode(value));
      separator = '&';
    }
    return this;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
