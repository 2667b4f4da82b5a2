// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import io.systole.server.config.Settings.Setting;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A configuration with the sources of its values. */
public final class LoadedConfig {
  private final Settings settings;
  private final ServerConfig server;
  private final List<String> notices;

  LoadedConfig(Settings settings, ServerConfig server, List<String> notices) {
    this.settings = settings;
    this.server = server;
    this.notices = notices;
  }

  Settings settings() {
    return settings;
  }

  /** Returns the configuration of the node. */
  public ServerConfig server() {
    return server;
  }

  /** Returns a line for each key of the file that is understood, but has no effect. */
  public List<String> notices() {
    return notices;
  }

  /**
   * Returns the name of the least severe level that is logged; null if none is set, so that a log
   * configuration of the operator's own decides.
   */
  public @Nullable String logLevel() {
    Setting<?> level = settings.of(NodeOptions.LOG_LEVEL);
    return level.source().equals(Settings.DEFAULT) ? null : level.text();
  }

  /** Returns whether the log is JSON instead of text. */
  public boolean isLogJson() {
    return settings.value(NodeOptions.LOG_FORMAT) == NodeOptions.LogFormat.JSON;
  }

  /** Returns all values with their sources as a configuration file, without credentials. */
  public String toYaml() {
    return settings.toYaml();
  }
}
