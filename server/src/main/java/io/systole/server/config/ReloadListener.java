// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import java.io.IOException;

/** A component that applies a new configuration while the node serves. */
public interface ReloadListener {
  /**
   * Prepares to apply a configuration, for example reads the files that it names. Called for every
   * reload, even if no option has changed, because the content of a file may have.
   *
   * @param next options that require a restart have the values the node was started with
   * @return applies the configuration and does not fail; it is only run if all listeners are
   *     prepared
   * @throws IOException if the configuration can't be applied; then none of it is. The message
   *     contains the reason, and no secrets
   */
  Runnable prepare(ServerConfig next) throws IOException;
}
