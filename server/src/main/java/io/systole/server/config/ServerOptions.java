// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static io.systole.server.config.Option.choice;
import static io.systole.server.config.Option.duration;
import static io.systole.server.config.Option.flag;
import static io.systole.server.config.Option.integer;
import static io.systole.server.config.Option.size;

import io.systole.client.net.Transport;
import io.systole.server.net.NetSettings;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The general options of the node. */
final class ServerOptions {
  /**
   * The base paths of the protocol.
   *
   * @param paths at least one; each begins with a slash and does not end with one
   */
  record BasePaths(List<String> paths) {
    /** The base paths of Systole's, Spring's and Netflix's clients (spec §1.1). */
    static final BasePaths DEFAULT = new BasePaths(List.of("/v2", "/eureka", "/eureka/v2"));

    /** The first segments are not those of the node's own paths. */
    private static final Pattern BASE_PATH =
        Pattern.compile("(?!/(systole|metrics|health|actuator)(/|$))(/[A-Za-z0-9._~-]+)+");

    static @Nullable BasePaths parse(String text) {
      List<String> paths = List.of(text.split(",", -1));
      return paths.stream().allMatch(path -> BASE_PATH.matcher(path).matches())
          ? new BasePaths(paths)
          : null;
    }

    @Override
    public String toString() {
      return String.join(",", paths);
    }
  }

  private static final long MIB = 1024 * 1024;

  static final Option<Integer> PORT = integer(
      "listen.port", "PORT", 8761, 0, 65_535, "port to listen on; 0 lets the system choose");

  static final Option<String> BIND = new Option<>(
      "listen.bind",
      "ADDRESS",
      "0.0.0.0",
      "a host name or address",
      "address to listen on; 0.0.0.0 or :: for all addresses, IPv4 and IPv6",
      AccessOptions::host);

  static final Option<Integer> LOOPS =
      integer("listen.loops", "N", 0, 0, 1024, "event loops; 0 means one per core");

  static final Option<Transport> TRANSPORT = choice(
      "listen.transport",
      "KIND",
      Transport.AUTO,
      "I/O mechanism; auto is epoll where available, else nio");

  static final Option<BasePaths> PREFIXES = new Option<>(
      "listen.prefixes",
      "PATHS",
      BasePaths.DEFAULT,
      "paths like /eureka/v2, separated by commas",
      "base paths of the protocol, other than /systole, /metrics, /health and /actuator",
      BasePaths::parse);

  static final Option<Integer> MAX_CONNECTIONS = integer(
          "limits.max-connections",
          "N",
          65_536,
          1,
          10_000_000,
          "maximum number of open connections; more receive 503")
      .reloadable();

  static final Option<Integer> MAX_INSTANCES = integer(
          "limits.max-instances",
          "N",
          2_000_000,
          1,
          100_000_000,
          "maximum number of registered instances; more receive 503")
      .reloadable();

  static final Option<Boolean> SYNC_WHEN_TIMESTAMP_DIFFERS = flag(
      "leases.sync-when-timestamp-differs",
      true,
      "compare dirty timestamps on renewal, as Eureka's option of the same name");

  static final Option<Long> DELTA_RETENTION = duration(
      "reads.delta-retention", 180_000, 1_000, 3_600_000, "how long deltas contain a change");

  static final Option<Integer> MAX_DELTA_CHANGES = integer(
      "limits.max-delta-changes",
      "N",
      100_000,
      1,
      10_000_000,
      "maximum number of changes in deltas; a client that misses one fetches the full registry");

  static final Option<Long> MAX_INSTANCE_SIZE = size(
          "limits.max-instance-size",
          64 * 1024,
          4_096,
          MIB,
          "maximum bytes of an instance's text, including metadata added later; 413 above it")
      .reloadable();

  static final Option<Long> MAX_REGISTRY_SIZE = size(
          "limits.max-registry-size",
          0,
          0,
          1024 * 1024 * MIB,
          "maximum estimated bytes of all instances; 503 above it; 0 means half the heap")
      .reloadable();

  static final Option<Long> MAX_DELTA_SIZE = size(
          "limits.max-delta-size",
          0,
          0,
          1024 * 1024 * MIB,
          "maximum estimated bytes of the changes in deltas; 0 means a sixteenth of the heap")
      .reloadable();

  static final Option<Boolean> DISABLE_DELTA = flag(
      "reads.disable-delta",
      false,
      "refuse delta requests with 403, as Eureka's option of the same name");

  static final Option<Integer> MAX_STREAM_BACKLOG = integer(
      "limits.max-stream-backlog",
      "N",
      10_000,
      1,
      10_000_000,
      "maximum number of changes an event stream may be behind; closed above it");

  static final Option<Long> STREAM_HEARTBEAT = duration(
      "reads.stream-heartbeat",
      15_000,
      100,
      600_000,
      "idle time after which an event stream sends a comment");

  static final Option<Integer> MAX_POLLS = integer(
      "limits.max-polls",
      "N",
      10_000,
      1,
      1_000_000,
      "maximum number of pending long polls; more receive 503");

  static final Option<Long> MAX_POLL_WAIT = duration(
      "timeouts.max-poll-wait",
      60_000,
      1,
      600_000,
      "maximum wait of a long poll, whatever it requests");

  static final Option<Long> WAIT_WHEN_EMPTY = duration(
      "reads.wait-when-empty",
      0,
      0,
      3_600_000,
      "how long reads are refused with 403 after a start without leases, so that the fleet can"
          + " register first");

  static final Option<Long> WAIT_AFTER_RESTORE = duration(
      "reads.wait-after-restore",
      0,
      0,
      3_600_000,
      "how long reads are refused with 403 after a start with restored leases, so that the fleet"
          + " can renew first");

  static final Option<Long> IDLE_TIMEOUT = duration(
          "timeouts.idle-timeout",
          180_000,
          1_000,
          86_400_000,
          "how long a connection may be idle between requests")
      .reloadable();

  static final Option<Long> REQUEST_TIMEOUT = duration(
          "timeouts.request-timeout", 10_000, 100, 600_000, "how long a request may take to arrive")
      .reloadable();

  static final Option<Long> WRITE_TIMEOUT = duration(
          "timeouts.write-timeout",
          30_000,
          100,
          600_000,
          "how long responses may stay unread once the write buffer is full")
      .reloadable();

  static final Option<Long> RESPONSE_TIMEOUT = duration(
          "timeouts.response-timeout",
          300_000,
          100,
          86_400_000,
          "how long a client may take to read one long response; the connection is closed then")
      .reloadable();

  static final Option<Long> LAME_DUCK = duration(
          "timeouts.lame-duck",
          3_000,
          0,
          600_000,
          "how long a stopping node continues to serve, with 503 at /health and Connection: close,"
              + " before it stops accepting")
      .reloadable();

  static final Option<Long> DRAIN_TIMEOUT = duration(
          "timeouts.drain-timeout",
          10_000,
          0,
          600_000,
          "how long a stopping node completes requests it has read")
      .reloadable();

  static final Option<Long> MAX_HEAD_SIZE = size(
          "limits.max-head-size",
          16_384,
          256,
          NetSettings.HEAD_BYTES_MAX,
          "maximum bytes of a request head; 431 above it")
      .reloadable();

  static final Option<Integer> MAX_HEADERS = integer(
          "limits.max-headers",
          "N",
          100,
          1,
          1_000,
          "maximum number of header fields of a request; more receive 431")
      .reloadable();

  static final Option<Long> MAX_BODY_SIZE = size(
          "limits.max-body-size",
          MIB,
          1_024,
          64 * MIB,
          "maximum bytes of a request body; 413 above it")
      .reloadable();

  static final Option<Long> MAX_BODIES_SIZE = size(
          "limits.max-bodies-size",
          0,
          0,
          16_384 * MIB,
          "maximum bytes of all request bodies in memory; 503 above it; 0 means 64 MiB, or an eighth"
              + " of the heap if that is less")
      .reloadable();

  static final Option<Long> MAX_UNSENT_SIZE = size(
          "limits.max-unsent-size",
          0,
          0,
          16_384 * MIB,
          "maximum unsent bytes of all connections whose peers do not read; the oldest of them are"
              + " closed above it; 0 means a quarter of the heap")
      .reloadable();

  static final Option<Integer> MAX_LONG_RESPONSES = integer(
          "limits.max-long-responses",
          "N",
          1_024,
          1,
          1_000_000,
          "maximum number of long responses in progress; more receive 503")
      .reloadable();

  static final Option<Integer> MAX_STREAMS = integer(
          "limits.max-streams",
          "N",
          1_024,
          1,
          1_000_000,
          "maximum number of streaming responses in progress; more receive 503")
      .reloadable();

  static final Option<Long> WRITE_BUFFER_SIZE = size(
      "limits.write-buffer-size",
      256 * 1024,
      4_096,
      64 * MIB,
      "unsent bytes of one connection above which it is not read");

  static final Option<Integer> WORKERS = integer(
      "listen.workers", "N", 1, 1, 64, "threads for requests that are too slow for an event loop");

  static final Option<Boolean> MANAGEMENT = flag(
      "access.management",
      true,
      "serve changes by operators under /systole: evictions, extensions, overrides, log level,"
          + " simulations");

  static final Option<Boolean> SIMULATION = flag(
      "access.simulation",
      false,
      "serve POST /systole/simulate; for nodes whose /systole is not reachable by the fleet");

  static final List<Option<?>> ALL = List.of(
      PORT,
      BIND,
      PREFIXES,
      LOOPS,
      TRANSPORT,
      MAX_CONNECTIONS,
      MAX_INSTANCES,
      MAX_INSTANCE_SIZE,
      MAX_REGISTRY_SIZE,
      SYNC_WHEN_TIMESTAMP_DIFFERS,
      DELTA_RETENTION,
      MAX_DELTA_CHANGES,
      MAX_DELTA_SIZE,
      DISABLE_DELTA,
      MAX_STREAM_BACKLOG,
      STREAM_HEARTBEAT,
      MAX_POLLS,
      MAX_POLL_WAIT,
      WAIT_WHEN_EMPTY,
      WAIT_AFTER_RESTORE,
      IDLE_TIMEOUT,
      REQUEST_TIMEOUT,
      WRITE_TIMEOUT,
      RESPONSE_TIMEOUT,
      LAME_DUCK,
      DRAIN_TIMEOUT,
      MAX_HEAD_SIZE,
      MAX_HEADERS,
      MAX_BODY_SIZE,
      MAX_BODIES_SIZE,
      MAX_LONG_RESPONSES,
      MAX_STREAMS,
      WRITE_BUFFER_SIZE,
      MAX_UNSENT_SIZE,
      WORKERS,
      MANAGEMENT,
      SIMULATION);

  private ServerOptions() {}
}
