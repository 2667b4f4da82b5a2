// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A server that can be measured. All are started by the same JDK with the same JVM options. */
public enum ServerUnderTest {
  /** Systole, by its own launcher. */
  SYSTOLE,
  /** The same with Basic authentication. */
  SYSTOLE_BASIC,
  /** Systole with TLS by the JDK. */
  SYSTOLE_TLS_JDK,
  /** Systole with TLS by BoringSSL. */
  SYSTOLE_TLS_OPENSSL,
  /** The same with Basic authentication. */
  SYSTOLE_TLS_OPENSSL_BASIC,
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

  /** Returns the base URL of the protocol of a server on a port of loopback. */
  URI url(int port) {
    return URI.create((usesTls() ? "https" : "http")
        + "://"
        + (requiresCredentials() ? SecurityFiles.USER_INFO + "@" : "")
        + "127.0.0.1:"
        + port
        + prefix());
  }

  /** Returns whether it needs {@link LaunchOptions#security}. */
  public boolean isSecured() {
    return usesTls() || requiresCredentials();
  }

  boolean usesTls() {
    return this == SYSTOLE_TLS_JDK || usesBoringSsl();
  }

  boolean usesBoringSsl() {
    return this == SYSTOLE_TLS_OPENSSL || this == SYSTOLE_TLS_OPENSSL_BASIC;
  }

  boolean requiresCredentials() {
    return this == SYSTOLE_BASIC || this == SYSTOLE_TLS_OPENSSL_BASIC;
  }

  boolean isSystole() {
    return this == SYSTOLE || isSecured();
  }

  /** Returns whether it is the Spring Cloud Eureka server. */
  public boolean isStock() {
    return this == STOCK || this == STOCK_FRESH;
  }

  /** Returns the time after which the delta no longer contains a change, ms. */
  public long deltaExpiryMs(LaunchOptions options) {
    if (options.deltaRetentionMs() > 0) {
      return options.deltaRetentionMs() + (isStock() ? SpringEurekaArguments.PURGE_INTERVAL_MS : 0);
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
    if (isSystole()) {
      command.addAll(usesBoringSsl() ? boringSslNode(options) : launcher(root, options));
      command.addAll(nodeArguments(options));
    } else {
      command.add(java());
      command.addAll(jvmOptions(options));
      command.addAll(isStock() ? stockArguments(root, port, options) : baselineArguments());
    }
    if (!isStock()) {
      command.addAll(List.of("--port", Integer.toString(port)));
    }
    return command;
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** The launcher execs the JVM, so the pid is that of the server. */
  private static List<String> launcher(Path root, LaunchOptions options) {
    return List.of(
        "env",
        "SYSTOLE_JAVA_OPTS=" + String.join(" ", extra(options)),
        root.resolve("server/bin/systole").toString());
  }

  private static List<String> boringSslNode(LaunchOptions options) {
    List<String> command = new ArrayList<>(List.of(java()));
    command.addAll(jvmOptions(options));
    command.addAll(options.requiredSecurity().boringSslArguments());
    return command;
  }

  private List<String> nodeArguments(LaunchOptions options) {
    // The other servers persist nothing either, and each run starts empty.
    List<String> arguments = new ArrayList<>(List.of("--bind", "127.0.0.1", "--data-dir", "none"));
    if (options.deltaRetentionMs() > 0) {
      arguments.addAll(List.of("--delta-retention", options.deltaRetentionMs() + "ms"));
    }
    if (!options.peers().isEmpty()) {
      arguments.addAll(List.of("--peers", SpringEurekaArguments.joined(options.peers())));
    }
    if (usesTls()) {
      arguments.addAll(options.requiredSecurity().tlsArguments());
      arguments.addAll(List.of("--tls-provider", usesBoringSsl() ? "openssl" : "jdk"));
    }
    if (requiresCredentials()) {
      arguments.addAll(options.requiredSecurity().credentialsArguments());
    }
    return arguments;
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
    SpringEurekaArguments arguments = new SpringEurekaArguments(
        port, this == STOCK_FRESH, options.deltaRetentionMs(), options.peers());
    return arguments.list(SpringEurekaBuild.directory(root));
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
  static final class ByAnyLabel implements ITypeConverter<ServerUnderTest> {
    @Override
    public ServerUnderTest convert(String label) {
      return Arrays.stream(ServerUnderTest.values())
          .filter(server -> server.label().equals(label))
          .findFirst()
          .orElseThrow(() -> new TypeConversionException("no server " + label));
    }
  }

  /** Converts the label of a server without TLS and credentials. */
  public static final class ByLabel implements ITypeConverter<ServerUnderTest> {
    @Override
    public ServerUnderTest convert(String label) {
      ServerUnderTest server = new ByAnyLabel().convert(label);
      if (server.isSecured()) {
        throw new TypeConversionException(label + " is measured by live only");
      }
      return server;
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
   * @param security certificate and credentials; null if no server is secured
   */
  public record LaunchOptions(
      List<String> jvmOptions,
      long deltaRetentionMs,
      List<URI> peers,
      @Nullable SecurityFiles security) {
    /** Default settings. */
    public static final LaunchOptions DEFAULT = new LaunchOptions(List.of(), 0);

    /** Creates options without peers. */
    public LaunchOptions(List<String> jvmOptions, long deltaRetentionMs) {
      this(jvmOptions, deltaRetentionMs, List.of());
    }

    /** Creates options of servers that are not secured. */
    public LaunchOptions(List<String> jvmOptions, long deltaRetentionMs, List<URI> peers) {
      this(jvmOptions, deltaRetentionMs, peers, null);
    }

    LaunchOptions withSecurity(SecurityFiles files) {
      return new LaunchOptions(jvmOptions, deltaRetentionMs, peers, files);
    }

    private SecurityFiles requiredSecurity() {
      if (security == null) {
        throw new IllegalStateException("no certificate and no credentials");
      }
      return security;
    }
  }
}
