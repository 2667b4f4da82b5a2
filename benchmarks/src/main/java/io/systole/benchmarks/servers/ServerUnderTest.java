// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A server that can be measured. All are started by the same JDK with the same JVM options. */
public enum ServerUnderTest {
  /** Systole, by its own launcher. */
  SYSTOLE,
  /** Netty's HTTP codec and nested maps of strings, one flush per response. */
  BASELINE,
  /** The same, one flush per read. */
  BASELINE_BATCHED,
  /** A handler that returns a constant response. */
  CONSTANT,
  /** The Spring Cloud Eureka server, whose responses may be 30 s old. */
  STOCK,
  /** The same without its read-only response cache: responses include every change. */
  STOCK_FRESH;

  /** Interval at which the stock server removes old changes from its delta. */
  private static final int STOCK_PURGE_INTERVAL_MS = 1_000;

  private static final long STOCK_PURGE_INTERVAL_DEFAULT_MS = 30_000;
  private static final long DELTA_RETENTION_DEFAULT_MS = 180_000;

  private static final String BASELINES = "io.systole.benchmarks.baseline.";

  /** Returns the name in options and tables. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns the base path of the protocol. */
  public String prefix() {
    return isStock() ? "/eureka" : "/v2";
  }

  /**
   * Builds the stock server if one of {@code servers} needs it and it is not up to date.
   *
   * @throws IOException if the build fails
   */
  public static void build(Path root, List<ServerUnderTest> servers)
      throws IOException, InterruptedException {
    if (servers.stream().anyMatch(ServerUnderTest::isStock)) {
      SpringEurekaBuild.ensure(root);
    }
  }

  /** Returns whether it is the Spring Cloud Eureka server. */
  public boolean isStock() {
    return this == STOCK || this == STOCK_FRESH;
  }

  /** Returns the time after which the delta no longer contains a change, ms. */
  public long deltaExpiryMs(LaunchOptions options) {
    if (options.deltaRetentionMs() > 0) {
      return options.deltaRetentionMs() + (isStock() ? STOCK_PURGE_INTERVAL_MS : 0);
    }
    return DELTA_RETENTION_DEFAULT_MS + (isStock() ? STOCK_PURGE_INTERVAL_DEFAULT_MS : 0);
  }

  /**
   * Returns the command that starts it on {@code port} with default settings, from the checkout at
   * {@code root}.
   */
  List<String> command(Path root, int port) {
    return command(root, port, LaunchOptions.DEFAULT);
  }

  /** Returns the command that starts it on {@code port}, from the checkout at {@code root}. */
  public List<String> command(Path root, int port, LaunchOptions options) {
    List<String> command = new ArrayList<>();
    if (this == SYSTOLE) {
      // The launcher execs the JVM, so the pid is that of the server.
      command.addAll(List.of("env", "SYSTOLE_JAVA_OPTS=" + String.join(" ", extra(options))));
      command.add(root.resolve("server/bin/systole").toString());
      // The other servers persist nothing either, and each run starts empty.
      command.addAll(List.of("--bind", "127.0.0.1", "--data-dir", "none"));
      if (options.deltaRetentionMs() > 0) {
        command.addAll(List.of("--delta-retention", options.deltaRetentionMs() + "ms"));
      }
      if (!options.peers().isEmpty()) {
        command.addAll(List.of("--peers", joined(options.peers())));
      }
    } else {
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(jvmOptions(options));
      command.addAll(isStock() ? stockArguments(root, port, options) : baselineArguments());
    }
    if (!isStock()) {
      command.addAll(List.of("--port", Integer.toString(port)));
    }
    return command;
  }

  private List<String> baselineArguments() {
    String main = BASELINES + (this == CONSTANT ? "ConstantResponseServer" : "CodecBaselineServer");
    List<String> arguments =
        new ArrayList<>(List.of("-cp", System.getProperty("java.class.path"), main));
    if (this == BASELINE_BATCHED) {
      arguments.addAll(List.of("--flush", "read"));
    }
    return arguments;
  }

  private List<String> stockArguments(Path root, int port, LaunchOptions options) {
    Path built = SpringEurekaBuild.directory(root);
    List<String> arguments = new ArrayList<>(
        List.of("-cp", built.resolve("classes") + ":" + built.resolve("lib") + "/*"));
    arguments.add(SpringEurekaBuild.MAIN);
    arguments.addAll(List.of(
        "--server.port=" + port,
        "--server.address=127.0.0.1",
        // By default a connection is closed after 100 requests.
        "--server.tomcat.max-keep-alive-requests=-1",
        "--spring.main.banner-mode=off",
        "--eureka.instance.hostname=localhost",
        // Without its own URL it replicates to the default address as a peer.
        "--eureka.client.service-url.defaultZone=" + serviceUrls(port, options),
        "--eureka.client.register-with-eureka=false",
        "--eureka.client.fetch-registry=false"));
    if (this == STOCK_FRESH) {
      arguments.add("--eureka.server.use-read-only-response-cache=false");
    }
    if (!options.peers().isEmpty()) {
      // Otherwise it takes every URL with its host name for its own.
      arguments.add("--eureka.server.my-url=" + ownUrl(port));
    }
    if (options.deltaRetentionMs() > 0) {
      String server = "--eureka.server.";
      arguments.add(server + "retention-time-in-m-s-in-delta-queue=" + options.deltaRetentionMs());
      arguments.add(server + "delta-retention-timer-interval-in-ms=" + STOCK_PURGE_INTERVAL_MS);
    }
    return arguments;
  }

  private static String ownUrl(int port) {
    return "http://localhost:" + port + "/eureka/";
  }

  private static String serviceUrls(int port, LaunchOptions options) {
    return options.peers().isEmpty() ? ownUrl(port) : ownUrl(port) + "," + joined(options.peers());
  }

  private static String joined(List<URI> urls) {
    return urls.stream().map(URI::toString).collect(Collectors.joining(","));
  }

  /**
   * Returns the JVM options of every server. The Systole launcher adds the first ones by itself.
   */
  public static List<String> jvmOptions(LaunchOptions options) {
    int version = Runtime.version().feature();
    List<String> flags = new ArrayList<>(List.of("-XX:+UseG1GC"));
    if (version >= 22) {
      flags.add("--enable-native-access=ALL-UNNAMED");
    }
    if (version >= 23) {
      flags.add("--sun-misc-unsafe-memory-access=allow");
    }
    flags.addAll(extra(options));
    return flags;
  }

  private static List<String> extra(LaunchOptions options) {
    List<String> flags = new ArrayList<>();
    String requested = System.getenv().getOrDefault("SYSTOLE_JAVA_OPTS", "").strip();
    if (!requested.isEmpty()) {
      flags.addAll(List.of(requested.split("\\s+", -1)));
    }
    flags.addAll(options.jvmOptions());
    return flags;
  }

  /** Converts a label to a server. */
  public static final class ByLabel implements ITypeConverter<ServerUnderTest> {
    @Override
    public ServerUnderTest convert(String label) {
      return Arrays.stream(ServerUnderTest.values())
          .filter(server -> server.label().equals(label))
          .findFirst()
          .orElseThrow(() -> new TypeConversionException("no server " + label));
    }
  }

  /**
   * Options with which a server is started, the same for all servers of a comparison.
   *
   * @param jvmOptions in addition to those of the Systole launcher
   * @param deltaRetentionMs retention of changes in deltas; 0 for the default of each server, which
   *     is three minutes for all
   * @param peers service URLs of the servers to replicate to, each with a final slash; only for
   *     Systole and the stock server
   */
  public record LaunchOptions(List<String> jvmOptions, long deltaRetentionMs, List<URI> peers) {
    /** Default settings. */
    public static final LaunchOptions DEFAULT = new LaunchOptions(List.of(), 0);

    /** Creates options without peers. */
    public LaunchOptions(List<String> jvmOptions, long deltaRetentionMs) {
      this(jvmOptions, deltaRetentionMs, List.of());
    }
  }
}
