// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.scenario.Scenario.FleetPlan;
import io.systole.loadtest.scenario.Scenario.TimedAction;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes a scenario of its text; every refusal is a {@link BadScenario}. */
final class ScenarioReader {
  /** A day. */
  static final long DURATION_MS_MAX = 86_400_000;

  private static final int INSTANCES_MAX = 10_000_000;
  private static final int INSTANCES_PER_APPLICATION = 100;
  private static final int COUNT_MAX = 65_536;
  private static final int LOOPS_MAX = 64;
  private static final int INTERVAL_MS = 30_000;
  private static final int LEASE_MS_MIN = 90_000;
  private static final int INTERVALS_PER_LEASE = 3;
  private static final int MS_PER_SEC = 1000;
  private static final int WATCHED_MAX = 64;

  private final Commands commands;
  private final Map<String, Function<Fields, Action>> actions;

  private ScenarioReader(Commands commands) {
    this.commands = commands;
    this.actions = Map.of(
        "replace", Replace::of,
        "restart", fields -> Restart.of(fields, this.commands),
        "reregister", Reregister::of,
        "silence", Silence::of,
        "wake", fields -> new Wake(),
        "flap", Flap::of,
        "readers", Readers::of,
        "slow", Slow::of,
        "half-dead", HalfDead::of);
  }

  /**
   * Reads a scenario. Both its forms are checked, whichever is wanted.
   *
   * @param settings {@code path=value}, laid over the wanted form
   * @param commands go before those that the scenario names
   */
  static Scenario read(Node root, boolean isShort, List<String> settings, Commands commands) {
    ScenarioReader reader = new ScenarioReader(commands);
    reader.scenario(Overrides.form(root, !isShort));
    Node wanted = Overrides.form(root, isShort);
    for (String setting : settings) {
      wanted = Overrides.set(wanted, setting);
    }
    return reader.scenario(wanted);
  }

  private Scenario scenario(Node root) {
    Fields fields = Fields.of(root, "");
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
    Fields readers = fields.fields("readers");
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
        readers == null ? null : ended(Readers.of(readers), readers),
        watched(fields),
        events(fields, durationMs),
        expectations(fields));
    fields.end();
    return scenario;
  }

  private static <T> T ended(T read, Fields fields) {
    fields.end();
    return read;
  }

  private static FleetPlan fleet(Node root, @Nullable Fields fields) {
    if (fields == null) {
      throw Fields.bad(root, "fleet", "is missing");
    }
    int instances = fields.count("instances", 1, INSTANCES_MAX);
    int usual = 1 + (instances - 1) / INSTANCES_PER_APPLICATION;
    int applications = fields.count("applications", usual, 1, instances);
    int intervalMs = (int) fields.duration("interval", INTERVAL_MS, 1, DURATION_MS_MAX);
    long usualLeaseMs = Math.max(LEASE_MS_MIN, (long) INTERVALS_PER_LEASE * intervalMs);
    long leaseMs = fields.duration("lease", usualLeaseMs, MS_PER_SEC, 3 * DURATION_MS_MAX);
    if (leaseMs % MS_PER_SEC != 0 && fields.has("lease")) {
      throw fields.bad("lease", "must be whole seconds, as the protocol has it");
    }
    int leaseSecs = (int) ((leaseMs + MS_PER_SEC - 1) / MS_PER_SEC);
    return ended(new FleetPlan(instances, applications, intervalMs, leaseSecs), fields);
  }

  private static List<URI> watched(Fields fields) {
    List<URI> watched = new ArrayList<>();
    for (Node node : fields.items("watch")) {
      if (!(node instanceof Node.Text text) || watched.size() == WATCHED_MAX) {
        throw Fields.bad(node, "watch", "must be at most " + WATCHED_MAX + " service URLs");
      }
      watched.add(serviceUrl(text));
    }
    return watched;
  }

  private static URI serviceUrl(Node.Text text) {
    try {
      return serviceUrl(text.value());
    } catch (IllegalArgumentException e) {
      throw Fields.bad(text, "watch", String.valueOf(e.getMessage()));
    }
  }

  /**
   * Reads the service URL of a node.
   *
   * @throws IllegalArgumentException when it is none
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

  private List<TimedAction> events(Fields fields, long durationMs) {
    List<TimedAction> events = new ArrayList<>();
    List<Node> items = fields.items("events");
    for (int index = 0; index < items.size(); index++) {
      events.add(event(Fields.of(items.get(index), "events[" + index + "]"), durationMs));
    }
    return events;
  }

  private TimedAction event(Fields fields, long durationMs) {
    long atMs = fields.duration("at", 0, durationMs);
    List<String> names = fields.among(actions.keySet().stream().sorted().toList());
    if (names.size() != 1) {
      fields.end();
      throw fields.bad(
          "at", "must stand beside exactly one of " + String.join(", ", sortedActions()));
    }
    String name = names.get(0);
    Fields within = fields.fields(name);
    Function<Fields, Action> maker = actions.get(name);
    if (within == null || maker == null) {
      throw new IllegalStateException("action " + name + " is known and not known");
    }
    Action action = ended(maker.apply(within), within);
    fields.end();
    if (atMs + action.lastsMs() > durationMs) {
      throw fields.bad(
          name,
          "would end " + Unit.ofMs(atMs + action.lastsMs()) + " after the start, the window at "
              + Unit.ofMs(durationMs));
    }
    return new TimedAction(atMs, action);
  }

  private List<String> sortedActions() {
    return actions.keySet().stream().sorted().toList();
  }

  private static List<Clause> expectations(Fields fields) {
    List<Clause> clauses = new ArrayList<>();
    List<Node> items = fields.items("expect");
    for (int index = 0; index < items.size(); index++) {
      String path = "expect[" + index + "]";
      Node item = items.get(index);
      if (!(item instanceof Node.Text text)) {
        throw Fields.bad(item, path, "must be one line, got " + item.kind());
      }
      try {
        clauses.add(Clause.parse(text.value()));
      } catch (IllegalArgumentException e) {
        throw Fields.bad(item, path, String.valueOf(e.getMessage()));
      }
    }
    return clauses;
  }
}
