// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.runner.Traffic;
import io.systole.loadtest.scenario.Scenario.FleetPlan;
import io.systole.loadtest.scenario.Scenario.TimedAction;
import io.systole.loadtest.scenario.ScenarioAction.CrowdPlan;
import io.systole.loadtest.scenario.ScenarioAction.FlapInstances;
import io.systole.loadtest.scenario.ScenarioAction.HalfOpenConnections;
import io.systole.loadtest.scenario.ScenarioAction.ReaderPlan;
import io.systole.loadtest.scenario.ScenarioAction.RegistrationStorm;
import io.systole.loadtest.scenario.ScenarioAction.RestartNode;
import io.systole.loadtest.scenario.ScenarioAction.ResumeHeartbeats;
import io.systole.loadtest.scenario.ScenarioAction.RollingReplace;
import io.systole.loadtest.scenario.ScenarioAction.SlowConnections;
import io.systole.loadtest.scenario.ScenarioAction.StopHeartbeats;
import io.systole.loadtest.scenario.ScenarioArguments.RestartCommands;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A parser of scenarios; every error is a {@link ScenarioParseException}. */
final class ScenarioReader {
  /** One day. */
  private static final long DURATION_MS_MAX = 86_400_000;

  private static final int INSTANCES_MAX = 10_000_000;
  private static final int INSTANCES_PER_APPLICATION = 100;
  private static final int COUNT_MAX = 65_536;
  private static final int LOOPS_MAX = 64;
  private static final int INTERVAL_MS = 30_000;
  private static final int LEASE_MS_MIN = 90_000;
  private static final int INTERVALS_PER_LEASE = 3;
  private static final int MS_PER_SEC = 1000;
  private static final int WATCHED_MAX = 64;
  private static final long FLAP_MS_MIN = 100;
  private static final int READERS_MAX = 100_000;
  private static final long READ_INTERVAL_MS = 30_000;
  private static final long READ_INTERVAL_MS_MIN = 10;
  private static final int CROWD_MAX = 1_000_000;
  private static final int CROWD_CONNECTIONS = 1_000;
  private static final double BYTES_PER_SEC = 10;
  private static final double BYTES_PER_SEC_MIN = 0.1;
  private static final double BYTES_PER_SEC_MAX = 1e6;

  private final Map<String, Function<YamlFields, ScenarioAction>> actions;

  private ScenarioReader(RestartCommands commands) {
    this.actions =
        new HashMap<>(new NodeActionReader(commands, RestartNode.TARGET + WATCHED_MAX).actions());
    actions.putAll(Map.of(
        "crowd", ScenarioReader::crowd,
        "replace", fields -> new RollingReplace(fields.share("share"), over(fields)),
        "reregister", fields -> new RegistrationStorm(fields.share("share"), over(fields)),
        "stop-heartbeats", fields -> new StopHeartbeats(fields.share("share")),
        "resume-heartbeats", fields -> new ResumeHeartbeats(),
        "flap", ScenarioReader::flap,
        "readers", ScenarioReader::readers,
        "slow", ScenarioReader::slow,
        "half-open", ScenarioReader::halfOpen));
  }

  /**
   * Parses a scenario. Both forms are validated, whichever is selected.
   *
   * @param settings {@code path=value} overrides of the selected form
   * @param commands override those of the scenario
   */
  static Scenario read(
      YamlNode root, boolean isShort, List<String> settings, RestartCommands commands) {
    ScenarioReader reader = new ScenarioReader(commands);
    reader.scenario(ScenarioOverlay.select(root, !isShort));
    YamlNode selected = ScenarioOverlay.select(root, isShort);
    for (String setting : settings) {
      selected = ScenarioOverlay.set(selected, setting);
    }
    return reader.scenario(selected);
  }

  private Scenario scenario(YamlNode root) {
    YamlFields fields = YamlFields.of(root, "");
    String name = fields.text("name");
    String about = fields.text("about").replaceAll("\\s+", " ").strip();
    String needs = fields.has("needs") ? fields.text("needs").replaceAll("\\s+", " ") : "";
    FleetPlan fleet = fleet(root, fields.fields("fleet"));
    int connections = fields.count("connections", 8, 1, COUNT_MAX);
    int inFlight = fields.count("in-flight", 64, 1, COUNT_MAX);
    int loops = fields.count("loops", 1, 1, Math.min(LOOPS_MAX, connections));
    long warmupMs = fields.duration("warmup", 5_000, 0, DURATION_MS_MAX);
    long durationMs = fields.duration("duration", 30_000, 100, DURATION_MS_MAX);
    int timeoutMs = (int) fields.duration("timeout", 5_000, 1, 3_600_000);
    long settleMs = fields.duration("settle", 35_000, 0, DURATION_MS_MAX);
    YamlFields readers = fields.fields("readers");
    Scenario scenario = new Scenario(
        name,
        about,
        needs,
        fleet,
        connections,
        inFlight,
        loops,
        warmupMs,
        durationMs,
        timeoutMs,
        settleMs,
        readers == null ? null : complete(readers(readers), readers),
        watchUrls(fields),
        fields.flag("spread", false),
        events(fields, durationMs),
        expectations(fields));
    fields.requireNoOthers();
    return scenario;
  }

  private static <T> T complete(T read, YamlFields fields) {
    fields.requireNoOthers();
    return read;
  }

  private static FleetPlan fleet(YamlNode root, @Nullable YamlFields fields) {
    if (fields == null) {
      throw YamlFields.error(root, "fleet", "is missing");
    }
    int instances = fields.count("instances", 1, INSTANCES_MAX);
    int defaultApplications = 1 + (instances - 1) / INSTANCES_PER_APPLICATION;
    int applications = fields.count("applications", defaultApplications, 1, instances);
    int intervalMs = (int) fields.duration("interval", INTERVAL_MS, 1, DURATION_MS_MAX);
    long defaultLeaseMs = Math.max(LEASE_MS_MIN, (long) INTERVALS_PER_LEASE * intervalMs);
    long leaseMs = fields.duration("lease", defaultLeaseMs, MS_PER_SEC, 3 * DURATION_MS_MAX);
    if (leaseMs % MS_PER_SEC != 0 && fields.has("lease")) {
      throw fields.error("lease", "must be whole seconds, as the protocol requires");
    }
    int leaseSecs = (int) ((leaseMs + MS_PER_SEC - 1) / MS_PER_SEC);
    int metadataBytes = fields.count("metadata-bytes", 0, 0, Traffic.METADATA_BYTES_MAX);
    return complete(
        new FleetPlan(instances, applications, intervalMs, leaseSecs, metadataBytes), fields);
  }

  private static List<URI> watchUrls(YamlFields fields) {
    List<URI> watchUrls = new ArrayList<>();
    for (YamlNode node : fields.items("watch")) {
      if (!(node instanceof YamlNode.Text text) || watchUrls.size() == WATCHED_MAX) {
        throw YamlFields.error(node, "watch", "must be at most " + WATCHED_MAX + " service URLs");
      }
      watchUrls.add(serviceUrl(text));
    }
    return watchUrls;
  }

  private static URI serviceUrl(YamlNode.Text text) {
    try {
      return serviceUrl(text.value());
    } catch (IllegalArgumentException e) {
      throw YamlFields.error(text, "watch", String.valueOf(e.getMessage()));
    }
  }

  /**
   * Parses the service URL of a node.
   *
   * @throws IllegalArgumentException if it is invalid
   */
  static URI serviceUrl(String text) {
    URI url = URI.create(text);
    boolean isHttp = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    if (!isHttp || url.getHost() == null) {
      throw new IllegalArgumentException(
          "must be a service URL such as http://127.0.0.1:8761/v2, got \"" + text + "\"");
    }
    return url;
  }

  private List<TimedAction> events(YamlFields fields, long durationMs) {
    List<TimedAction> events = new ArrayList<>();
    List<YamlNode> items = fields.items("events");
    for (int index = 0; index < items.size(); index++) {
      events.add(event(YamlFields.of(items.get(index), "events[" + index + "]"), durationMs));
    }
    return events;
  }

  private TimedAction event(YamlFields fields, long durationMs) {
    long atMs = fields.duration("at", 0, durationMs);
    List<String> names = fields.present(sortedActions());
    if (names.size() != 1) {
      fields.requireNoOthers();
      throw fields.error(
          "at", "must be combined with exactly one of " + String.join(", ", sortedActions()));
    }
    String name = names.get(0);
    YamlFields within = fields.fields(name);
    Function<YamlFields, ScenarioAction> factory = actions.get(name);
    if (within == null || factory == null) {
      throw new IllegalStateException("no parser for action " + name);
    }
    ScenarioAction action = complete(factory.apply(within), within);
    fields.requireNoOthers();
    if (atMs + action.durationMs() > durationMs) {
      throw fields.error(
          name,
          "would end " + MetricUnit.ofMs(atMs + action.durationMs())
              + " after the start, but the window ends at " + MetricUnit.ofMs(durationMs));
    }
    return new TimedAction(atMs, action);
  }

  private static long over(YamlFields fields) {
    return fields.duration("over", 0, 0, DURATION_MS_MAX);
  }

  private static FlapInstances flap(YamlFields fields) {
    return new FlapInstances(
        fields.share("share"), fields.duration("every", FLAP_MS_MIN, DURATION_MS_MAX));
  }

  private static ReaderPlan readers(YamlFields fields) {
    ReaderPlan readers = new ReaderPlan(
        fields.count("delta", 0, 0, READERS_MAX),
        fields.count("full", 0, 0, READERS_MAX),
        fields.count("application", 0, 0, READERS_MAX),
        fields.count("vip", 0, 0, READERS_MAX),
        fields.duration("every", READ_INTERVAL_MS, READ_INTERVAL_MS_MIN, DURATION_MS_MAX));
    if (readers.count() == 0) {
      throw fields.error("delta", "and full, application, vip are all 0");
    }
    return readers;
  }

  private static SlowConnections slow(YamlFields fields) {
    return new SlowConnections(
        fields.count("connections", 1, MisbehavingConnections.COUNT_MAX),
        fields.rate("bytes", BYTES_PER_SEC, BYTES_PER_SEC_MIN, BYTES_PER_SEC_MAX));
  }

  private static CrowdPlan crowd(YamlFields fields) {
    return new CrowdPlan(
        fields.count("clients", 1, CROWD_MAX),
        fields.count("connections", CROWD_CONNECTIONS, 1, MisbehavingConnections.COUNT_MAX));
  }

  private static HalfOpenConnections halfOpen(YamlFields fields) {
    return new HalfOpenConnections(
        fields.count("connections", 1, MisbehavingConnections.COUNT_MAX));
  }

  private List<String> sortedActions() {
    return actions.keySet().stream().sorted().toList();
  }

  private static List<MetricExpectation> expectations(YamlFields fields) {
    List<MetricExpectation> expectations = new ArrayList<>();
    List<YamlNode> items = fields.items("expect");
    for (int index = 0; index < items.size(); index++) {
      String path = "expect[" + index + "]";
      YamlNode item = items.get(index);
      if (!(item instanceof YamlNode.Text text)) {
        throw YamlFields.error(item, path, "must be one line, got " + item.description());
      }
      try {
        expectations.add(MetricExpectation.parse(text.value()));
      } catch (IllegalArgumentException e) {
        throw YamlFields.error(item, path, String.valueOf(e.getMessage()));
      }
    }
    return expectations;
  }
}
