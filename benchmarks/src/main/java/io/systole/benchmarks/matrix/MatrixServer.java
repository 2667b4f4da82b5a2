// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.matrix;

import io.systole.benchmarks.ForkFlags;
import io.systole.benchmarks.servers.ServerUnderTest;
import io.systole.benchmarks.servers.ServerUnderTest.LaunchOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A server of the matrix, all of which are started once and then loaded in turn. */
enum MatrixServer {
  /** A constant response, in C: the cost of the kernel's sockets. */
  RESPONDER(""),
  /** A constant response on Netty. */
  CONSTANT("200m"),
  /** A straightforward registry on Netty. */
  BASELINE("600m"),
  SYSTOLE("600m"),
  /** Systole with a large fleet. */
  SYSTOLE_LARGE("2200m"),
  /** {@code EXPIRE} of a key for each heartbeat, without persistence. */
  REDIS(""),
  /** The Spring Cloud Eureka server. */
  STOCK("1g");

  /** Of each of two loads: less than 40 s in all, and its figures are 1.6 times too high. */
  private static final int STOCK_WARMUP_SECS_MIN = 20;

  /** Others are too much for it, or take too long. */
  private static final int STOCK_CONNECTIONS_MAX = 64;

  private static final int STOCK_IN_FLIGHT_MAX = 16;
  private static final int STOCK_PER_SECOND_MAX = 5_000;

  /** Systole's launcher sets this by default; the other servers on Netty get it as well. */
  private static final String NO_LEAK_DETECTION = "-Dio.netty.leakDetection.level=disabled";

  /** Enough for all connections of a cell. */
  private static final String REDIS_CLIENTS_MAX = "15000";

  /** A million instances, whose estimated size is more than half of the heap, the default limit. */
  private static final String REGISTRY_BYTES_MAX = "3GiB";

  /** Its size, as JVM options have it; empty for other programs. */
  private final String heap;

  MatrixServer(String heap) {
    this.heap = heap;
  }

  /** Returns the name in options, tables and files. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns whether instances must be registered before it answers heartbeats with 200. */
  boolean requiresRegistration() {
    return this != RESPONDER && this != CONSTANT;
  }

  /** Returns whether it can be loaded in this way for a meaningful time. */
  boolean supports(MatrixCell cell) {
    int loadMax = cell.mode().isPaced() ? STOCK_PER_SECOND_MAX : STOCK_IN_FLIGHT_MAX;
    return this != STOCK || (cell.connections() <= STOCK_CONNECTIONS_MAX && cell.load() <= loadMax);
  }

  /** Returns the seconds of a load by which it is warmed up, at least those requested. */
  int warmupSecs(int requestedSecs) {
    return this == STOCK ? Math.max(STOCK_WARMUP_SECS_MIN, requestedSecs) : requestedSecs;
  }

  /** Returns the options of the generator for the protocol of this server. */
  List<String> generatorOptions() {
    return switch (this) {
      case REDIS -> List.of("-r");
      case STOCK -> List.of("-x", ServerUnderTest.STOCK.prefix());
      default -> List.of();
    };
  }

  /** Returns the options of every JVM besides those of its heap and of the Systole launcher. */
  static List<String> commonJvmOptions() {
    return ServerUnderTest.jvmOptions(
        new LaunchOptions(List.of(ForkFlags.PRE_TOUCH, NO_LEAK_DETECTION), 0));
  }

  /**
   * Returns the command that starts it on {@code port}.
   *
   * @param root the checkout
   * @param loops event loops; the responder and Redis have one in any case
   */
  List<String> command(Path root, CPrograms programs, int port, int loops) {
    return switch (this) {
      case RESPONDER -> List.of(programs.responder().toString(), Integer.toString(port));
      case REDIS -> redisCommand(port);
      case CONSTANT -> oneLoopPerCore(ServerUnderTest.CONSTANT, root, port, loops);
      case BASELINE -> oneLoopPerCore(ServerUnderTest.BASELINE, root, port, loops);
      case STOCK -> ServerUnderTest.STOCK.command(root, port, options(List.of()));
      case SYSTOLE, SYSTOLE_LARGE -> {
        List<String> command =
            new ArrayList<>(ServerUnderTest.SYSTOLE.command(root, port, options(List.of())));
        command.addAll(List.of("--loops", Integer.toString(loops)));
        command.addAll(List.of("--max-registry-size", REGISTRY_BYTES_MAX));
        yield command;
      }
    };
  }

  private List<String> oneLoopPerCore(ServerUnderTest server, Path root, int port, int loops) {
    return server.command(root, port, options(List.of("-XX:ActiveProcessorCount=" + loops)));
  }

  private LaunchOptions options(List<String> further) {
    List<String> options = new ArrayList<>(
        List.of("-Xms" + heap, "-Xmx" + heap, ForkFlags.PRE_TOUCH, NO_LEAK_DETECTION));
    options.addAll(further);
    return new LaunchOptions(options, 0);
  }

  private static List<String> redisCommand(int port) {
    return List.of(
        "redis-server",
        "--bind",
        "127.0.0.1",
        "--port",
        Integer.toString(port),
        "--maxclients",
        REDIS_CLIENTS_MAX,
        "--save",
        "",
        "--appendonly",
        "no");
  }

  /** Converts a label to a server. */
  static final class ByLabel implements ITypeConverter<MatrixServer> {
    @Override
    public MatrixServer convert(String label) {
      return Arrays.stream(values())
          .filter(server -> server.label().equals(label))
          .findFirst()
          .orElseThrow(() -> new TypeConversionException("no server " + label));
    }
  }
}
