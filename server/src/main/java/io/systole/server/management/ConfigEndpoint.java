// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.function.Supplier;

/**
 * Shows the configuration in force, as a configuration file without credentials: {@code GET
 * /systole/config}.
 */
public final class ConfigEndpoint implements RequestHandler {
  private final Supplier<String> yaml;

  public ConfigEndpoint(Supplier<String> yaml) {
    this.yaml = yaml;
  }

  @Override
  public Response handle(Request request) {
    return Response.of(200, "application/yaml", yaml.get().getBytes(UTF_8));
  }
}
