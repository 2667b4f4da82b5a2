// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static io.systole.server.config.Setting.share;

import java.util.List;

/** The settings of who may use the node, and how much of it. */
final class AccessOptions {
  static final Setting<AllowedHosts> ALLOWED_HOSTS = new Setting<>(
      "allowed-hosts",
      "NAMES",
      AllowedHosts.ANY,
      "host names, separated by commas, or any",
      "names that Host may have, beside localhost and addresses; another is answered 421",
      AllowedHosts::parse);

  static final Setting<Double> MAX_SOURCE_SHARE = share(
      "max-source-share",
      0.25,
      0.001,
      "share of connections, bodies, long answers and streams that one source address may hold");

  /** In the order in which people read them. */
  static final List<Setting<?>> ALL = List.of(ALLOWED_HOSTS, MAX_SOURCE_SHARE);

  private AccessOptions() {}
}
