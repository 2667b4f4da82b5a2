// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.time.Clock;
import io.systole.server.cli.OperatorCommands;
import io.systole.server.config.ConfigParser;
import io.systole.server.config.InvalidOptionException;
import io.systole.server.config.LoadedConfig;
import io.systole.server.config.Reloader;
import io.systole.server.config.ServerConfig;
import io.systole.server.journal.JournalCommands;
import io.systole.server.log.JsonLogEncoder;
import io.systole.server.net.NodeUrl;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The command line of a node. Exit codes: 0 stopped, 1 cannot serve, 2 usage error. */
public final class Main {
  static final int CANNOT_SERVE = 1;
  static final int BAD_USAGE = NodeArguments.BAD_USAGE;

  /** The subcommand that reads a data directory. */
  private static final String JOURNAL = "journal";

  /** The subcommand that shows the configuration. */
  private static final String CONFIG = "config";

  /** The subcommand that checks a running node. */
  private static final String HEALTH = "health";

  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private Main() {}

  /** Starts a node that serves until the process is terminated. */
  public static void main(String[] arguments) {
    int status = run(arguments, System.getenv(), System.out, System.err);
    if (status != 0) {
      System.exit(status);
    }
  }

  /** Starts a node and returns without waiting; the status is 0 unless it fails to start. */
  static int run(
      String[] arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
    List<String> words = List.of(arguments);
    String first = words.isEmpty() ? "" : words.get(0);
    return switch (first) {
      case JOURNAL -> JournalCommands.run(words.subList(1, words.size()), out, err);
      case HEALTH -> HealthCommand.run(words.subList(1, words.size()), environment, out, err);
      case CONFIG -> ConfigCommands.run(words.subList(1, words.size()), environment, out, err);
      default ->
        OperatorCommands.NAMES.contains(first)
            ? OperatorCommands.run(words, environment, out, err)
            : runNode(arguments, environment, out, err);
    };
  }

  private static int runNode(
      String[] arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
    CommandLine commandLine = new CommandLine(NodeArguments.command(
        "systole",
        "Runs a service registry node for the Eureka v2 protocol. See also systole config --help,"
            + " for checking a configuration, systole health --help, for checking a running node,"
            + " systole journal --help, for reading a data directory, and, for operating running"
            + " nodes, systole COMMAND --help with COMMAND one of "
            + String.join(", ", OperatorCommands.NAMES) + "."));
    commandLine.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    Supplier<LoadedConfig> loader;
    LoadedConfig config;
    try {
      ParseResult parsed = commandLine.parseArgs(arguments);
      if (CommandLine.printHelpIfRequested(parsed)) {
        return 0;
      }
      Map<String, String> flags = NodeArguments.flags(parsed);
      loader = () -> ConfigParser.load(flags, environment);
      config = loader.get();
    } catch (ParameterException | InvalidOptionException refusal) {
      NodeArguments.printRefusal(refusal, err);
      return BAD_USAGE;
    }
    setUpLog(config);
    // A collector of JSON lines could not read others.
    Consumer<String> messages =
        config.isLogJson() ? LOG::error : text -> err.println("systole: " + text);
    Consumer<String> notices = config.isLogJson() ? LOG::warn : messages;
    config.notices().forEach(notices);
    return serve(config, loader, new SystemdNotifier(environment), out, messages);
  }

  private static int serve(
      LoadedConfig config,
      Supplier<LoadedConfig> loader,
      SystemdNotifier systemd,
      PrintStream out,
      Consumer<String> errors) {
    HeartbeatServer server;
    try {
      server = new HeartbeatServer(config.server(), Clock.startingAtZero());
    } catch (IOException failure) {
      errors.accept(failure.getMessage());
      return CANNOT_SERVE;
    }
    Reloader reloader = new Reloader(
        config, loader, server::prepareReload, LogLevels::setRoot, server.configReloads());
    server.showConfiguration(reloader::toYaml);
    server.showOptions(reloader::setOptions);
    Signals.onHangup(() -> reload(reloader, server));
    try {
      InetSocketAddress address = server.start();
      AtomicReference<@Nullable String> signal = new AtomicReference<>();
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> stop(server, systemd, signal.get()), "systole-stop"));
      Signals.onTermination(signal::set);
      out.println(readyLine(address, server.managementAddress(), config.server()));
      systemd.ready(
          "serving on " + NodeUrl.of(address, config.server().security().tls() != null));
      systemd.watch(server::probeLoops);
      return 0;
    } catch (IOException failure) {
      server.close();
      errors.accept(failure.getMessage());
      return CANNOT_SERVE;
    }
  }

  private static void reload(Reloader reloader, HeartbeatServer server) {
    reloader.reload();
    boolean isApplied = server.configReloads().isLastApplied();
    LifecycleLog.logAction("reload", isApplied ? "done" : "failed", "SIGHUP");
  }

  /**
   * Stops the server and exits with 0, where the JVM would exit with the signal's status. A second
   * signal meanwhile terminates the process at once.
   */
  private static void stop(
      HeartbeatServer server, SystemdNotifier systemd, @Nullable String signal) {
    Signals.haltOnTermination();
    systemd.stopping();
    server.stop(signal == null ? LifecycleLog.NO_SIGNAL : signal);
    systemd.close();
    Runtime.getRuntime().halt(0);
  }

  static String readyLine(
      InetSocketAddress address, InetSocketAddress management, ServerConfig config) {
    boolean isTls = config.security().tls() != null;
    String root = NodeUrl.of(address, isTls);
    boolean isManagementTls =
        config.net().management() == null ? isTls : config.security().managementTls() != null;
    String operations = NodeUrl.of(management, isManagementTls);
    String base = root + config.basePaths().get(0);
    return """
        Systole is ready: %s (metrics %s/metrics, health %s/health)
        Try: curl -i -X PUT '%s/apps/DEMO/i-1?status=UP'""".formatted(base, operations, root, base);
  }

  private static void setUpLog(LoadedConfig config) {
    if (config.isLogJson()) {
      JsonLogEncoder.useFor(LoggerFactory.getILoggerFactory());
    }
    String level = config.logLevel();
    if (level != null) {
      LogLevels.setRoot(level);
    }
  }
}
