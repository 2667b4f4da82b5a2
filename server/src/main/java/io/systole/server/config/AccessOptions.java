// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static io.systole.server.config.Option.share;

import java.util.List;

/** The settings of who may use the node: where, by which name, and how much of it. */
final class AccessOptions {
  static final Option<ManagementPort> MANAGEMENT_PORT = new Option<>(
      "management-port",
      "PORT",
      ManagementPort.NONE,
      "0..65535, or none",
      "port of its own for /systole and /metrics; none serves them on the main port",
      ManagementPort::parse);

  static final Option<String> MANAGEMENT_BIND = new Option<>(
      "management-bind",
      "ADDRESS",
      "127.0.0.1",
      "a host name or address",
      "address of the management port",
      text -> text.isEmpty() ? null : text);

  static final Option<AllowedHosts> ALLOWED_HOSTS = new Option<>(
      "allowed-hosts",
      "NAMES",
      AllowedHosts.ANY,
      "host names, separated by commas, or any",
      "names that Host may have, beside localhost and addresses; another is answered 421",
      AllowedHosts::parse);

  static final Option<Double> MAX_SOURCE_SHARE = share(
      "max-source-share",
      0.25,
      0.001,
      "share of bodies, long answers and streams that one source address may hold");

  /** In the order in which people read them. */
  static final List<Option<?>> ALL =
      List.of(MANAGEMENT_PORT, MANAGEMENT_BIND, ALLOWED_HOSTS, MAX_SOURCE_SHARE);

  private AccessOptions() {}
}
