// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static java.util.Map.entry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The names of Spring's and Netflix's servers (spec §7): the option that has the meaning of each,
 * or the reason why there is none. Names are compared as Spring does, in any of its notations.
 */
final class SpringNames {
  /**
   * An option with the meaning of a name.
   *
   * @param converter converts a value to the notation of the option
   */
  record OptionMapping(Option<?> option, UnaryOperator<String> converter) {}

  /** The keys of the first level that are Spring's; no group of options has such a name. */
  static final Set<String> ROOTS = Set.of("eureka", "server", "spring", "management", "logging");

  private static final Map<String, OptionMapping> COUNTERPARTS = Map.ofEntries(
      entry("server.port", mapsTo(ServerOptions.PORT)),
      entry("server.address", mapsTo(ServerOptions.BIND)),
      entry(
          "server.servlet.context-path", converted(SpringNames::basePaths, ServerOptions.PREFIXES)),
      entry(
          "server.max-http-request-header-size",
          converted(SpringNames::size, ServerOptions.MAX_HEAD_SIZE)),
      entry("server.tomcat.max-connections", mapsTo(ServerOptions.MAX_CONNECTIONS)),
      entry(
          "server.tomcat.keep-alive-timeout",
          converted(SpringNames::millis, ServerOptions.IDLE_TIMEOUT)),
      entry(
          "spring.lifecycle.timeout-per-shutdown-phase",
          converted(SpringNames::millis, ServerOptions.DRAIN_TIMEOUT)),
      entry("management.server.port", mapsTo(AccessOptions.MANAGEMENT_PORT)),
      entry("management.server.address", mapsTo(AccessOptions.MANAGEMENT_BIND)),
      entry("logging.level.root", mapsTo(NodeOptions.LOG_LEVEL)),
      entry(
          "eureka.client.register-with-eureka",
          converted(SpringNames::bool, PeerOptions.REGISTER_SELF)),
      entry(
          "eureka.instance.registry.default-open-for-traffic-count",
          mapsTo(EvictionOptions.EXPECTED_CLIENTS)),
      entry(
          "eureka.server.default-open-for-traffic-count", mapsTo(EvictionOptions.EXPECTED_CLIENTS)),
      entry(
          "eureka.server.enable-self-preservation",
          converted(SpringNames::bool, EvictionOptions.SELF_PRESERVATION)),
      entry("eureka.server.renewal-percent-threshold", mapsTo(EvictionOptions.SHARE)),
      entry(
          "eureka.server.renewal-threshold-update-interval-ms",
          converted(SpringNames::millis, EvictionOptions.THRESHOLD_UPDATE_INTERVAL)),
      entry(
          "eureka.server.expected-client-renewal-interval-seconds",
          converted(SpringNames::seconds, EvictionOptions.EXPECTED_INTERVAL)),
      entry(
          "eureka.server.eviction-interval-timer-in-ms",
          converted(SpringNames::millis, EvictionOptions.EVICTION_INTERVAL)),
      entry(
          "eureka.server.retention-time-in-m-s-in-delta-queue",
          converted(SpringNames::millis, ServerOptions.DELTA_RETENTION)),
      entry(
          "eureka.server.disable-delta", converted(SpringNames::bool, ServerOptions.DISABLE_DELTA)),
      entry(
          "eureka.server.wait-time-in-ms-when-sync-empty",
          converted(SpringNames::millis, ServerOptions.WAIT_WHEN_EMPTY)),
      entry(
          "eureka.server.sync-when-timestamp-differs",
          converted(SpringNames::bool, ServerOptions.SYNC_WHEN_TIMESTAMP_DIFFERS)),
      entry(
          "eureka.server.peer-node-connect-timeout-ms",
          converted(SpringNames::millis, PeerOptions.PEER_TIMEOUT)),
      entry(
          "eureka.server.peer-node-read-timeout-ms",
          converted(SpringNames::millis, PeerOptions.PEER_TIMEOUT)));

  /** The zones under it are any. */
  private static final String SERVICE_URL = canonical("eureka.client.service-url.");

  private static final OptionMapping PEERS = mapsTo(PeerOptions.PEERS);

  private static final Map<String, OptionMapping> BY_CANONICAL_NAME =
      COUNTERPARTS.entrySet().stream()
          .collect(
              Collectors.toUnmodifiableMap(name -> canonical(name.getKey()), Map.Entry::getValue));

  private static final String CACHE = "responses change with the registry and never expire";
  private static final String BACKLOG = "--max-delta-size bounds what all peers are sent later";
  private static final String UNUSED = "stock servers do not read it";
  private static final String AWS = "registries of AWS are not supported";
  private static final String REGIONS = "remote regions are not supported";
  private static final String STORE = "keystores are not read";
  private static final String KEY_PASSWORD =
      "the file of a private key has no password; openssl pkcs8 -topk8 -nocrypt removes one";
  private static final String PROTOCOLS = "the protocols are TLSv1.3 and TLSv1.2";
  private static final String CIPHERS =
      "cipher suites are those with forward secrecy and authenticated encryption";
  private static final String PEM =
      "of a bundle, the files of certificate, private key and authorities are read";

  /** The names without a counterpart, with the reason, by canonical prefix; the first that fits. */
  private static final Map<String, String> REASONS = reasons(List.of(
      entry("eureka.server.response-cache-auto-expiration-in-seconds", CACHE),
      entry("eureka.server.response-cache-update-interval-ms", CACHE),
      entry("eureka.server.use-read-only-response-cache", CACHE),
      entry("eureka.server.initial-capacity-of-response-cache", CACHE),
      entry(
          "eureka.server.delta-retention-timer-interval-in-ms",
          "changes leave deltas when --delta-retention ends"),
      entry(
          "eureka.server.registry-sync-retr",
          "a starting node loads the registry of a peer for as long as --wait-when-empty"),
      entry(
          "eureka.server.peer-eureka-nodes-update-interval-ms",
          "the names of peers are resolved every 30 s"),
      entry("eureka.server.peer-node-", "each peer has one connection, which stays open"),
      entry("eureka.server.max-elements-in-peer-replication-pool", BACKLOG),
      entry("eureka.server.max-threads-for-peer-replication", BACKLOG),
      entry("eureka.server.max-time-for-replication", BACKLOG),
      entry("eureka.server.max-elements-in-status-replication-pool", AWS),
      entry("eureka.server.max-threads-for-status-replication", AWS),
      entry("eureka.server.min-threads-for-", UNUSED),
      entry("eureka.server.max-idle-thread-", UNUSED),
      entry("eureka.server.number-of-replication-retries", UNUSED),
      entry("eureka.server.peer-eureka-status-refresh-time-interval-ms", UNUSED),
      entry("eureka.server.batch-replication", UNUSED),
      entry("eureka.server.enable-replicated-request-compression", "batches are not compressed"),
      entry("eureka.server.my-url", "a node recognizes its own address"),
      entry(
          "eureka.server.min-available-instances-for-peer-replication",
          "the health of a node does not depend on its peers"),
      entry("eureka.server.log-identity-headers", "requests are not logged"),
      entry("eureka.server.rate-limiter-", "the limits of connections and sources take its place"),
      entry("eureka.server.json-codec-name", "there is one codec"),
      entry("eureka.server.xml-codec-name", "there is one codec"),
      entry("eureka.server.remote-region-", REGIONS),
      entry("eureka.server.g-zip-content-from-remote-region", REGIONS),
      entry("eureka.server.disable-delta-for-remote-regions", REGIONS),
      entry("eureka.server.disable-transparent-fallback-to-other-region", REGIONS),
      entry("eureka.server.a-w-s-", AWS),
      entry("eureka.server.e-i-p-bind", AWS),
      entry("eureka.server.binding-strategy", AWS),
      entry("eureka.server.route53-", AWS),
      entry("eureka.server.a-s-g-", AWS),
      entry("eureka.server.use-aws-asg-api", AWS),
      entry("eureka.server.list-auto-scaling-groups-role-name", AWS),
      entry("eureka.server.prime-aws-replica-connections", AWS),
      entry("eureka.server.experimental.", "it has no experiments"),
      entry("eureka.server.metrics.", "/metrics is always served"),
      entry("eureka.server.version.", "there is no such response header"),
      entry(
          "eureka.instance.registry.expected-number-of-clients-sending-renews",
          "stock servers replace it by default-open-for-traffic-count when they start"),
      entry(
          "eureka.server.expected-number-of-renews-per-min",
          "stock servers replace it by default-open-for-traffic-count when they start"),
      entry("eureka.instance.", "the node describes itself, and only with --register-self"),
      entry("eureka.dashboard.", "there is no dashboard"),
      entry("eureka.datacenter", "it is only shown on dashboards"),
      entry("eureka.environment", "it is only shown on dashboards"),
      entry("eureka.client.", "the node is a client of its --peers only"),
      entry("server.ssl.key-store", STORE),
      entry("server.ssl.key-alias", STORE),
      entry("server.ssl.trust-store", STORE),
      entry("server.ssl.key-password", KEY_PASSWORD),
      entry("server.ssl.trust-certificate-private-key", "authorities need no key"),
      entry("server.ssl.enabled-protocols", PROTOCOLS),
      entry("server.ssl.protocol", PROTOCOLS),
      entry("server.ssl.ciphers", CIPHERS),
      entry("server.ssl.server-name-bundles", "one certificate serves all host names"),
      entry("management.server.ssl.key-store", STORE),
      entry("management.server.ssl.key-alias", STORE),
      entry("management.server.ssl.trust-store", STORE),
      entry("management.server.ssl.key-password", KEY_PASSWORD),
      entry("management.server.ssl.trust-certificate-private-key", "authorities need no key"),
      entry("management.server.ssl.enabled-protocols", PROTOCOLS),
      entry("management.server.ssl.protocol", PROTOCOLS),
      entry("management.server.ssl.ciphers", CIPHERS),
      entry("spring.ssl.bundle.jks.", STORE),
      entry("spring.ssl.bundle.watch.", "files are read again within 30 s of a change"),
      entry("spring.ssl.bundle.pem.", PEM),
      entry("spring.security.user.roles", "roles are those of --credentials-file"),
      entry("spring.security.", "credentials are those of --credentials-file")));

  private SpringNames() {}

  private static OptionMapping mapsTo(Option<?> option) {
    return new OptionMapping(option, UnaryOperator.identity());
  }

  static OptionMapping converted(UnaryOperator<String> converter, Option<?> option) {
    return new OptionMapping(option, converter);
  }

  private static Map<String, String> reasons(List<Map.Entry<String, String>> reasons) {
    Map<String, String> byPrefix = new LinkedHashMap<>();
    reasons.forEach(reason -> byPrefix.put(canonical(reason.getKey()), reason.getValue()));
    return byPrefix;
  }

  /** Returns the key of the first level. */
  static String rootOf(String name) {
    return name.split("[.\\[]", 2)[0];
  }

  /** Returns the form in which all notations of a name are equal. */
  static String canonical(String name) {
    return name.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
  }

  /** Returns the option with the meaning of a name, or null. */
  static @Nullable OptionMapping counterpart(String name) {
    String canonical = canonical(name);
    return canonical.startsWith(SERVICE_URL) ? PEERS : BY_CANONICAL_NAME.get(canonical);
  }

  /** Returns a sentence about a name that has no counterpart. */
  static String reason(String name) {
    String known = reasonOf(name);
    if (known != null) {
      return "has no counterpart: " + known;
    }
    if (!canonical(name).startsWith("eureka.")) {
      return "has no counterpart";
    }
    return NearestName.of(name, COUNTERPARTS.keySet())
        .map(nearest -> "is unknown; did you mean " + nearest + "?")
        .orElse("is unknown");
  }

  /** Returns the reason why a known name has no counterpart; null for other names. */
  static @Nullable String reasonOf(String name) {
    String canonical = canonical(name);
    return REASONS.entrySet().stream()
        .filter(reason -> canonical.startsWith(reason.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  /** Spring's durations without a unit are in milliseconds. */
  private static String millis(String text) {
    return isNumber(text) ? text + "ms" : text;
  }

  private static String seconds(String text) {
    return isNumber(text) ? text + "s" : text;
  }

  /** Spring's sizes without a unit are in bytes, and its kilobytes have 1024. */
  private static String size(String text) {
    return isNumber(text) ? text + "B" : text.replaceFirst("([KMGT])B$", "$1iB");
  }

  private static boolean isNumber(String text) {
    return text.matches("[0-9]+");
  }

  static String bool(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "on", "yes", "1" -> "true";
      case "false", "off", "no", "0" -> "false";
      default -> text;
    };
  }

  /** The paths of the protocol below a context path. */
  private static String basePaths(String text) {
    String root = text.equals("/") ? "" : text;
    return root + "/eureka," + root + "/eureka/v2," + root + "/v2";
  }
}
