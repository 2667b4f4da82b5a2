// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.figures;

import io.systole.benchmarks.cluster.ClusterCostCommand;
import io.systole.benchmarks.matrix.MatrixCommand;
import io.systole.benchmarks.peers.PeerCostCommand;
import io.systole.benchmarks.servers.CompareServersCommand;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A published measurement: one command, one file of raw results, one table. */
public enum FigureSet {
  HEADS(10, "RequestHeadParserBenchmark"),
  RENEW(30, "RenewBenchmark -prof gc"),
  RENEW_THREADS(20, "RenewBenchmark -t 2 -p leases=10000,1000000"),
  HEARTBEAT_PATH(20, "HeartbeatPathBenchmark -p burst=64 -prof gc"),
  PIPELINE(10, "PipelineBenchmark"),
  CLIENT(10, "ClientBenchmark -p instances=10240"),
  REGISTRATION(30, "RegistrationBenchmark"),
  EXPIRY(20, "ExpiryWheelBenchmark"),
  EVICTION(5, "EvictionBenchmark"),
  JOURNAL(10, "JournalBenchmark"),
  JSON(10, "JsonCodecBenchmark"),
  XML(10, "XmlCodecBenchmark"),
  RESPONSE_CACHE(20, "ResponseCacheBenchmark -p instances=1000,100000 -p applications=100"),
  EVENTS(10, "EventFanOutBenchmark"),
  MIRROR(20, "MirrorBenchmark"),
  /** Whole servers, not JMH, like the next ones. */
  LIVE(30, ""),
  /** Heartbeats over sockets, by a generator in C. */
  MATRIX(45, ""),
  /** Nodes with and without TLS and authentication. */
  TLS(30, ""),
  /** Clusters of the stock protocol. */
  PEERS(40, ""),
  /** Native clusters. */
  CLUSTER(90, "");

  /** Three forks show the variance between processes; fifteen iterations give the error. */
  private static final String FULL = "-f 3 -wi 3 -w 1s -i 5 -r 1s -foe true";

  /**
   * Options of a short run: a small heap, since it is pre-touched, and one value of each parameter.
   */
  private static final String SHORT = "-f 1 -wi 1 -w 100ms -i 1 -r 100ms -foe true"
      + " -jvmArgsAppend -Xmx2g -p leases=10000 -p instances=10240 -p applications=100"
      + " -p streams=100";

  private static final String LIVE_FULL =
      "--servers systole,baseline,constant --rounds 5 --warmup 4 --duration 5";
  private static final String LIVE_SHORT =
      "--rounds 1 --warmup 1 --duration 1 --in-flight 16 --instances 1000";

  private static final String MATRIX_FULL = "--rounds 3 --seconds 3 --stock";
  private static final String MATRIX_SHORT = "--rounds 1 --seconds 1 --warmup 1 --instances 1000"
      + " --large-instances 1000"
      + " --cells saturated:64x1,saturated:64x16,saturated:64x64,paced:64x5000,paced:64x30000";

  private static final String TLS_SERVERS = "--servers systole,systole-basic,systole-tls-jdk,"
      + "systole-tls-openssl,systole-tls-openssl-basic ";
  private static final String TLS_FULL =
      TLS_SERVERS + "--in-flight 1,64 --rounds 3 --warmup 5 --duration 8";

  private static final String PEERS_FULL = "--servers systole,stock-fresh";
  private static final String PEERS_SHORT = "--servers systole --instances 1000 --beats-per-sec 500"
      + " --fast-beats-per-sec 2000 --phase 4 --converge 20 --rounds 1 --warmup 1 --duration 1"
      + " --scale-instances 5000 --scale-interval 3";

  private static final String CLUSTER_FULL = "--members 3,5,9";
  private static final String CLUSTER_SHORT = "--members 3 --instances 20000 --interval 10 --idle 2"
      + " --warmup 1 --duration 3 --heap 256m";

  private final int minutesMax;

  /** A benchmark and its JMH options; empty for sets that JMH does not measure. */
  private final String jmhArguments;

  FigureSet(int minutesMax, String jmhArguments) {
    this.minutesMax = minutesMax;
    this.jmhArguments = jmhArguments;
  }

  /** Returns the name in options, files and the page. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns the time limit of the measurement, minutes. */
  int minutesMax() {
    return minutesMax;
  }

  boolean isJmh() {
    return !jmhArguments.isEmpty();
  }

  /** Returns the main class of the measuring program. */
  String program() {
    return switch (this) {
      case LIVE, TLS -> CompareServersCommand.class.getName();
      case MATRIX -> MatrixCommand.class.getName();
      case PEERS -> PeerCostCommand.class.getName();
      case CLUSTER -> ClusterCostCommand.class.getName();
      default -> "org.openjdk.jmh.Main";
    };
  }

  /** Returns the arguments of the measuring program. */
  List<String> arguments(boolean isShort) {
    return List.of(joinedArguments(isShort).split(" ", -1));
  }

  private String joinedArguments(boolean isShort) {
    return switch (this) {
      case LIVE -> isShort ? LIVE_SHORT : LIVE_FULL;
      case TLS -> isShort ? TLS_SERVERS + LIVE_SHORT : TLS_FULL;
      case MATRIX -> isShort ? MATRIX_SHORT : MATRIX_FULL;
      case PEERS -> isShort ? PEERS_SHORT : PEERS_FULL;
      case CLUSTER -> isShort ? CLUSTER_SHORT : CLUSTER_FULL;
      default -> isShort ? jmhArguments.split(" ", 2)[0] + " " + SHORT : jmhArguments + " " + FULL;
    };
  }

  /** Converts a label to a set. */
  static final class ByLabel implements ITypeConverter<FigureSet> {
    @Override
    public FigureSet convert(String label) {
      return Arrays.stream(values())
          .filter(set -> set.label().equals(label))
          .findFirst()
          .orElseThrow(() -> new TypeConversionException("no figures named " + label));
    }
  }
}
