// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import io.systole.client.api.TlsFiles;
import io.systole.protocol.http.HttpLimits;
import io.systole.server.events.EventSettings;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionSettings;
import io.systole.server.net.ListenAddress;
import io.systole.server.net.NetSettings;
import io.systole.server.peer.PeerSettings;
import io.systole.server.registry.ByteBounds;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.store.StoreSettings;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds the configuration of a node from its settings. */
public final class ConfigParser {
  /**
   * The description of an option for the command line help.
   *
   * @param flag with its dashes
   * @param variable the name of the environment variable
   * @param path the key in the configuration file, {@code group.name}
   * @param isReloadable whether a running node applies a new value
   */
  public record OptionDescription(
      String flag,
      String variable,
      String path,
      String label,
      String defaultText,
      String range,
      String description,
      boolean isReloadable) {}

  /** Half the heap: caches, responses and the garbage collector need the rest. */
  private static final int REGISTRY_HEAP_DIVISOR = 2;

  /** A sixteenth: a lagging follower may double it, and encoded forms add to it. */
  private static final int DELTA_HEAP_DIVISOR = 16;

  private static final int BODIES_HEAP_DIVISOR = 8;

  /**
   * Direct memory is as large as the heap by default. A buffer may be twice as large as the bytes
   * in it, and sockets are read into direct memory too.
   */
  private static final int UNSENT_HEAP_DIVISOR = 4;

  private static final long BODIES_BYTES_DEFAULT = 64L * 1024 * 1024;

  /** Combines bursts of changes; short compared with any renewal interval. */
  private static final long EVENT_BATCH_MS = 100;

  /** More than clients pipeline; further requests wait in the socket. */
  private static final int PENDING_RESPONSES_MAX = 128;

  /** A longer queue would only add latency to requests that clients retry after a 503. */
  private static final int WORK_QUEUE_MAX = 64;

  /** More removals than a fleet has within the retention; some hundred bytes each. */
  private static final int TOMBSTONES_MAX = 10_000;

  /** Each has two histograms of several KiB; further applications are combined. */
  private static final int RENEWAL_DELAY_APPS_MAX = 256;

  /** A quiet node has little to replay; a busy one reaches the size that makes a snapshot due. */
  private static final long SNAPSHOT_INTERVAL_MS = 3_600_000;

  /** Beyond this lag, a snapshot is written faster than the changes. */
  private static final int JOURNAL_LAG_CHANGES_MAX = 100_000;

  private final Settings settings;

  private ConfigParser(Settings settings) {
    this.settings = settings;
  }

  /** Returns all options in the order of the documentation. */
  public static List<OptionDescription> options() {
    return Options.all().stream()
        .map(option -> new OptionDescription(
            option.flagName(),
            option.variableName(),
            option.path(),
            option.label(),
            option.defaultText(),
            option.range(),
            option.description(),
            option.isReloadable()))
        .toList();
  }

  /** Returns the table of all options in Markdown. */
  public static String optionsAsMarkdown() {
    StringBuilder table = new StringBuilder(
        "| option | group | default | range | meaning |\n|---|---|---|---|---|\n");
    for (OptionDescription option : options()) {
      int dot = option.path().indexOf('.');
      table.append("| `%s`%s | %s | `%s` | %s | %s |\n"
          .formatted(
              option.flag(),
              option.isReloadable() ? " ↻" : "",
              dot < 0 ? "" : "`" + option.path().substring(0, dot) + "`",
              option.defaultText(),
              option.range().replace("|", ", "),
              option.description()));
    }
    return table.toString();
  }

  /** Returns the default configuration. */
  public static ServerConfig defaults() {
    return read(Map.of(), Map.of());
  }

  /**
   * Reads and validates the configuration, also from a file if an option names one.
   *
   * @param flags values by flag, e.g. {@code --port}; unknown flags are rejected
   * @param environment all variables; unknown ones with the prefix {@code SYSTOLE_} are rejected
   * @throws InvalidOptionException with all options that are unknown or out of range
   */
  public static LoadedConfig load(Map<String, String> flags, Map<String, String> environment) {
    SettingsReader reader = new SettingsReader(environment);
    Settings settings = reader.read(flags);
    return new LoadedConfig(settings, build(settings), reader.notices());
  }

  /** Returns the configuration of {@link #load} by itself. */
  public static ServerConfig read(Map<String, String> flags, Map<String, String> environment) {
    return load(flags, environment).server();
  }

  /**
   * Builds the configuration of settings.
   *
   * @throws InvalidOptionException if values contradict each other
   */
  static ServerConfig build(Settings settings) {
    return new ConfigParser(settings).read();
  }

  private ServerConfig read() {
    return new ServerConfig(
        readNet(),
        SecurityOptions.read(settings, value(AccessOptions.MANAGEMENT_PORT).number() != null),
        new RegistrySettings(
            value(ServerOptions.MAX_INSTANCES),
            value(ServerOptions.SYNC_WHEN_TIMESTAMP_DIFFERS),
            value(ServerOptions.DELTA_RETENTION),
            value(ServerOptions.MAX_DELTA_CHANGES),
            readLeaseRules(),
            readByteBounds()),
        new EventSettings(
            EVENT_BATCH_MS,
            value(ServerOptions.MAX_STREAM_BACKLOG),
            value(ServerOptions.STREAM_HEARTBEAT),
            value(ServerOptions.MAX_POLLS),
            value(ServerOptions.MAX_POLL_WAIT)),
        readEviction(),
        readStore(),
        readPeers(),
        ClusterOptions.read(settings),
        MetricsOptions.read(settings),
        value(ServerOptions.PREFIXES).paths(),
        value(ServerOptions.DISABLE_DELTA),
        value(ServerOptions.WAIT_WHEN_EMPTY),
        value(ServerOptions.WAIT_AFTER_RESTORE),
        value(ServerOptions.LAME_DUCK),
        value(ServerOptions.DRAIN_TIMEOUT),
        value(ServerOptions.MANAGEMENT),
        value(ServerOptions.SIMULATION));
  }

  private ByteBounds readByteBounds() {
    return new ByteBounds(
        value(ServerOptions.MAX_INSTANCE_SIZE).intValue(),
        orShareOfHeap(value(ServerOptions.MAX_REGISTRY_SIZE), REGISTRY_HEAP_DIVISOR),
        orShareOfHeap(value(ServerOptions.MAX_DELTA_SIZE), DELTA_HEAP_DIVISOR));
  }

  private static long orShareOfHeap(long bytes, int divisor) {
    return bytes > 0 ? bytes : Runtime.getRuntime().maxMemory() / divisor;
  }

  private LeaseRules readLeaseRules() {
    return new LeaseRules(
        value(EvictionOptions.LEASE_MODE) == EvictionOptions.LeaseMode.STRICT,
        value(EvictionOptions.EXPECTED_CLIENTS),
        value(EvictionOptions.TOMBSTONE),
        TOMBSTONES_MAX);
  }

  private EvictionSettings readEviction() {
    EvictionRules rules = new EvictionRules(
        value(EvictionOptions.SELF_PRESERVATION),
        value(EvictionOptions.SHARE),
        value(EvictionOptions.EXPECTED_INTERVAL),
        value(EvictionOptions.THRESHOLD),
        value(EvictionOptions.PROTECT).rules(),
        value(EvictionOptions.PROTECT_FOR));
    return new EvictionSettings(
        value(EvictionOptions.EVICTION_INTERVAL),
        value(EvictionOptions.THRESHOLD_UPDATE_INTERVAL),
        RENEWAL_DELAY_APPS_MAX,
        rules);
  }

  private StoreSettings readStore() {
    return new StoreSettings(
        value(StoreOptions.DATA_DIR).path(),
        value(StoreOptions.DATA_DIR_WAIT),
        value(StoreOptions.JOURNAL_SYNC),
        value(StoreOptions.JOURNAL_FILE_SIZE),
        value(StoreOptions.JOURNAL_KEEP_SIZE),
        value(StoreOptions.JOURNAL_KEEP),
        SNAPSHOT_INTERVAL_MS,
        value(StoreOptions.SNAPSHOT_SIZE),
        JOURNAL_LAG_CHANGES_MAX,
        value(StoreOptions.RESTORE_MAX_AGE));
  }

  private PeerSettings readPeers() {
    TlsFiles tls;
    try {
      tls = new TlsFiles(
          value(PeerOptions.PEER_CA).path(),
          value(PeerOptions.PEER_CERTIFICATE).path(),
          value(PeerOptions.PEER_KEY).path());
    } catch (IllegalArgumentException incomplete) {
      boolean hasKey = value(PeerOptions.PEER_CERTIFICATE).path() == null;
      String source = settings
          .of(hasKey ? PeerOptions.PEER_KEY : PeerOptions.PEER_CERTIFICATE)
          .source();
      throw new InvalidOptionException(
          source + ": --peer-certificate and --peer-key require each other");
    }
    return new PeerSettings(
        value(PeerOptions.PEERS).urls(),
        value(PeerOptions.PEERS_FILE).path(),
        value(PeerOptions.PEER_TIMEOUT).intValue(),
        tls,
        value(PeerOptions.REGISTER_SELF));
  }

  private NetSettings readNet() {
    HttpLimits defaults = HttpLimits.DEFAULT;
    HttpLimits http = new HttpLimits(
        defaults.targetBytesMax(),
        value(ServerOptions.MAX_HEAD_SIZE).intValue(),
        value(ServerOptions.MAX_HEADERS),
        defaults.chunkLineBytesMax(),
        defaults.trailerBytesMax());
    return new NetSettings(
        value(ServerOptions.BIND),
        value(ServerOptions.PORT),
        value(ServerOptions.LOOPS),
        value(ServerOptions.TRANSPORT),
        value(ServerOptions.MAX_CONNECTIONS),
        http,
        value(ServerOptions.MAX_BODY_SIZE).intValue(),
        readBodiesBytes(),
        value(ServerOptions.IDLE_TIMEOUT),
        value(ServerOptions.REQUEST_TIMEOUT),
        value(ServerOptions.WRITE_TIMEOUT),
        value(ServerOptions.RESPONSE_TIMEOUT),
        value(ServerOptions.MAX_LONG_RESPONSES),
        value(ServerOptions.MAX_STREAMS),
        PENDING_RESPONSES_MAX,
        value(ServerOptions.WRITE_BUFFER_SIZE).intValue(),
        orShareOfHeap(value(ServerOptions.MAX_UNSENT_SIZE), UNSENT_HEAP_DIVISOR),
        value(AccessOptions.MAX_SOURCE_SHARE),
        value(AccessOptions.MAX_CREDENTIAL_RATE),
        value(AccessOptions.ALLOWED_HOSTS).names(),
        value(AccessOptions.ALLOW_PEERS).blocks(),
        readManagementAddress(),
        value(ServerOptions.WORKERS),
        WORK_QUEUE_MAX);
  }

  /** At least one body of the maximum size, which would otherwise always be refused. */
  private long readBodiesBytes() {
    long bytes = value(ServerOptions.MAX_BODIES_SIZE);
    if (bytes > 0) {
      return bytes;
    }
    long share = Runtime.getRuntime().maxMemory() / BODIES_HEAP_DIVISOR;
    return Math.max(value(ServerOptions.MAX_BODY_SIZE), Math.min(BODIES_BYTES_DEFAULT, share));
  }

  private @Nullable ListenAddress readManagementAddress() {
    String host = value(AccessOptions.MANAGEMENT_BIND);
    Integer port = value(AccessOptions.MANAGEMENT_PORT).number();
    if (port != null) {
      AccessOptions.requireOtherPort(
          value(ServerOptions.BIND), value(ServerOptions.PORT), host, port);
      return new ListenAddress(host, port);
    }
    if (!host.equals(AccessOptions.MANAGEMENT_BIND.defaultValue())) {
      throw new InvalidOptionException(
          "--management-bind=" + host + " has no effect without --management-port");
    }
    return null;
  }

  private <T> T value(Option<T> option) {
    return settings.value(option);
  }
}
