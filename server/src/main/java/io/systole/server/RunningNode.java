// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.netty.util.NetUtil;
import io.systole.protocol.time.Clock;
import io.systole.server.config.ServerConfig;
import io.systole.server.config.SetOption;
import io.systole.server.management.NodeDescription;
import io.systole.server.management.NodeDescription.ShownOption;
import io.systole.server.metrics.OpenFiles;
import io.systole.server.net.HttpServer;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A description of a node that serves. Thread-safe. */
final class RunningNode {
  private final Startup startup;
  private final ServerConfig config;
  private final String runId;
  private final String host;
  private final HttpServer httpServer;
  private final OpenFiles openFiles;
  private final Clock clock;
  private final JvmInfo jvm = new JvmInfo();

  /**
   * The start of a node.
   *
   * @param atMs its end, epoch ms
   * @param atNs its end, monotonic
   * @param restoredLeases the number of leases of an earlier run
   * @param restoreMs the duration of their restore
   */
  record Startup(
      InetSocketAddress main,
      InetSocketAddress management,
      long atMs,
      long atNs,
      int restoredLeases,
      long restoreMs) {}

  RunningNode(
      Startup startup,
      ServerConfig config,
      String runId,
      String host,
      HttpServer httpServer,
      OpenFiles openFiles,
      Clock clock) {
    this.startup = startup;
    this.config = config;
    this.runId = runId;
    this.host = host;
    this.httpServer = httpServer;
    this.openFiles = openFiles;
    this.clock = clock;
  }

  InetSocketAddress managementAddress() {
    return startup.management();
  }

  NodeDescription describe(List<SetOption> options) {
    Path directory = config.store().directory();
    return new NodeDescription(
        BuildInfo.CURRENT.version(),
        BuildInfo.CURRENT.revision(),
        runId,
        startup.atMs(),
        TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - startup.atNs()),
        ProcessHandle.current().pid(),
        host,
        jvm.describe(),
        NetUtil.toSocketAddressString(startup.main()),
        NetUtil.toSocketAddressString(startup.management()),
        config.basePaths(),
        directory == null ? null : directory.toAbsolutePath().toString(),
        httpServer.transport().name().toLowerCase(Locale.ROOT),
        httpServer.loopCount(),
        startup.restoredLeases(),
        startup.restoreMs(),
        openFiles.count(),
        OpenFiles.max(),
        config.isManaged(),
        options.stream()
            .map(option -> new ShownOption(option.name(), option.value(), option.source()))
            .toList());
  }
}
