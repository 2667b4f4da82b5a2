// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.time.Clock;
import io.systole.server.config.ConfigParser;
import io.systole.server.config.InvalidOptionException;
import io.systole.server.config.ServerConfig;
import io.systole.server.journal.JournalCommands;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The command line of a node. Exit codes: 0 stopped, 1 cannot serve, 2 usage error. */
public final class Main {
  static final int CANNOT_SERVE = 1;
  static final int BAD_USAGE = 2;

  /** The subcommand that reads a data directory. */
  private static final String JOURNAL = "journal";

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
    if (!words.isEmpty() && words.get(0).equals(JOURNAL)) {
      return JournalCommands.run(words.subList(1, words.size()), out, err);
    }
    CommandLine commandLine = new CommandLine(spec());
    commandLine.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    ServerConfig config;
    try {
      ParseResult parsed = commandLine.parseArgs(arguments);
      if (CommandLine.printHelpIfRequested(parsed)) {
        return 0;
      }
      config = ConfigParser.read(flagsOf(parsed), environment);
    } catch (ParameterException | InvalidOptionException refusal) {
      err.println("systole: " + refusal.getMessage());
      return BAD_USAGE;
    }
    return serve(config, new SystemdNotifier(environment), out, err);
  }

  private static int serve(
      ServerConfig config, SystemdNotifier systemd, PrintStream out, PrintStream err) {
    HeartbeatServer server;
    try {
      server = new HeartbeatServer(config, Clock.startingAtZero());
    } catch (IOException failure) {
      err.println("systole: " + failure.getMessage());
      return CANNOT_SERVE;
    }
    try {
      InetSocketAddress address = server.start();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, systemd), "systole-stop"));
      out.println(readyLine(address, server.managementAddress(), config));
      systemd.ready("serving on " + urlOf(address));
      return 0;
    } catch (IOException failure) {
      server.close();
      err.println("systole: " + failure.getMessage());
      return CANNOT_SERVE;
    }
  }

  /**
   * Stops the server and exits with 0, where the JVM would exit with the signal's status. A second
   * signal meanwhile terminates the process at once.
   */
  private static void stop(HeartbeatServer server, SystemdNotifier systemd) {
    SecondSignal.haltOnSignal();
    systemd.stopping();
    server.stop();
    Runtime.getRuntime().halt(0);
  }

  static String readyLine(
      InetSocketAddress address, InetSocketAddress management, ServerConfig config) {
    String root = urlOf(address);
    String base = root + config.basePaths().get(0);
    return """
        Systole is ready: %s (metrics %s/metrics, health %s/health)
        Try: curl -i -X PUT '%s/apps/DEMO/i-1?status=UP'""".formatted(base, urlOf(management), root, base);
  }

  /** Returns the URL of an address as seen from this machine. */
  private static String urlOf(InetSocketAddress address) {
    String host = address.getAddress().isAnyLocalAddress() ? "127.0.0.1" : address.getHostString();
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  private static Map<String, String> flagsOf(ParseResult parsed) {
    Map<String, String> flags = new HashMap<>();
    for (OptionSpec option : parsed.matchedOptions()) {
      flags.put(option.longestName(), option.getValue());
    }
    return flags;
  }

  private static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create()
        .name("systole")
        .mixinStandardHelpOptions(true)
        .version("systole " + version());
    spec.usageMessage()
        .description("Runs a service registry node for the Eureka v2 protocol.")
        .footer(
            "",
            "Each option can also be set by the environment variable named with it; the command",
            "line takes precedence. SYSTOLE_JAVA_OPTS is passed to the JVM.",
            "",
            "See systole journal --help for reading a data directory.")
        .sortOptions(false);
    for (ConfigParser.OptionDescription option : ConfigParser.options()) {
      spec.addOption(OptionSpec.builder(option.flag())
          .type(String.class)
          .paramLabel(option.label())
          .description(
              formatOf(option.description() + "."),
              formatOf(
                  option.range() + ", default " + option.defaultText() + "; " + option.variable()))
          .build());
    }
    return spec;
  }

  /** Descriptions are format strings. */
  private static String formatOf(String text) {
    return text.replace("%", "%%");
  }

  private static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }
}
