// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.server.WireTap.Exchange;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;

/** The life cycle of a client at a separate node, step by step. Prints each step. */
final class ClientLifecycle implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private final String name;
  private final String app;
  private final boolean readsDeltas;
  private final long startNs = System.nanoTime();
  private final OperatedNode node;
  private final WireTap tap;
  private final RealClient client;
  private boolean isLiving = true;

  /** Starts a node with one registered instance, and the client. */
  ClientLifecycle(ClientProgram program, String app) throws Exception {
    this.name = program.title();
    this.app = app;
    this.readsDeltas = program.readsDeltas();
    node = new OperatedNode();
    assertThat(node.register("STANDING", "standing-1")).isEqualTo(204);
    tap = new WireTap(node.port());
    client = program.start("http://127.0.0.1:" + tap.port() + "/eureka/", app, "client-1");
  }

  /** Starts a second client at the same node. */
  RealClient joinedBy(ClientProgram program) throws IOException {
    return program.start(node.base(), "SECOND", "second-1");
  }

  void registers() {
    reach(
        "registered",
        () -> count(Exchange::isRegistration) >= 1 && node.statusOf(path()).equals("UP"));
  }

  void renews() {
    long before = count(Exchange::isRenewal);
    reach("renewed", () -> count(Exchange::isRenewal) > before);
  }

  void seesAllInstances() {
    reach(
        "sees itself and another",
        () -> client.sees(self("UP")) && client.sees("STANDING/standing-1=UP"));
    reach("was sent everything", () -> count(Exchange::isFullFetch) >= 1);
  }

  void seesOthersRegisterAndCancel() throws Exception {
    seesRegistrationAndCancellation(client, "PASSING");
    reach("still sees itself", () -> client.sees(self("UP")));
  }

  void agreesOnTheHash() {
    reach(
        "agrees on the hash",
        () -> client.reportedInstances().startsWith("hash=" + node.hash() + " "));
  }

  void isFoundBy(RealClient second) throws Exception {
    reach("is seen by a second one", () -> second.sees(self("UP")));
    seesRegistrationAndCancellation(second, "SECOND-PASSING");
    assertThat(second.end(TIMEOUT.toSeconds())).as(second::output).isZero();
  }

  void seesItsOverride() throws Exception {
    assertThat(node.send("PUT", path() + "/status?value=OUT_OF_SERVICE")).isEqualTo(200);
    reach("sees itself out of service", () -> client.sees(self("OUT_OF_SERVICE")));
    renews();
    assertThat(node.statusOf(path())).isEqualTo("OUT_OF_SERVICE");
  }

  /** Without an override and a previous status, the client must register its own status again. */
  void returnsWhenItsOverrideEnds() throws Exception {
    long before = count(Exchange::isRegistration);
    assertThat(node.send("DELETE", path() + "/status")).isEqualTo(200);
    registersAgain("registered its own status again", before);
    reach("sees itself up", () -> client.sees(self("UP")));
  }

  /** Clients don't register again if the error response to a heartbeat has a body (spec §1.7). */
  void returnsWhenItsLeaseWasDeleted() throws Exception {
    long before = count(Exchange::isRegistration);
    assertThat(node.send("DELETE", path())).isEqualTo(200);
    registersAgain("registered again", before);
    renews();
    reach("sees itself again", () -> client.sees(self("UP")));
  }

  void cancelsWhenItEnds() throws Exception {
    isLiving = false;
    assertThat(client.end(TIMEOUT.toSeconds())).as(this::evidence).isZero();
    reach("cancelled", () -> count(Exchange::isCancellation) == 1);
    // Netflix's client registers the status DOWN while it ends: on a busy machine, after its
    // cancel.
    List<Exchange> changes = tap.exchanges().stream()
        .filter(exchange -> exchange.isRegistration() || exchange.isCancellation())
        .toList();
    boolean isCancelLast = changes.get(changes.size() - 1).isCancellation();
    assertThat(node.statusOf(path())).as(this::evidence).isEqualTo(isCancelLast ? "404" : "DOWN");
  }

  /**
   * Requires that only heartbeats of unknown leases failed and that every delta matched its hash.
   */
  void hadNoFailures() {
    List<Exchange> all = tap.exchanges();
    assertThat(all)
        .as(this::evidence)
        .allMatch(exchange -> exchange.status() / 100 == 2
            || (exchange.method().equals("PUT") && exchange.status() == 404));
    if (readsDeltas) {
      List<String> fetches = all.stream()
          .filter(exchange -> exchange.isFullFetch() || exchange.isDeltaFetch())
          .map(Exchange::target)
          .toList();
      assertThat(fetches).as(this::evidence).hasSizeGreaterThan(5);
      assertThat(fetches.subList(1, fetches.size()))
          .as(this::evidence)
          .allMatch(target -> target.contains("/apps/delta"));
    }
    print("ended: %d registrations, %d renewals, %d full fetches, %d deltas"
        .formatted(
            count(Exchange::isRegistration),
            count(Exchange::isRenewal),
            count(Exchange::isFullFetch),
            count(Exchange::isDeltaFetch)));
  }

  @Override
  public void close() throws IOException {
    client.close();
    tap.close();
    node.close();
  }

  private void registersAgain(String step, long before) {
    reach(
        step,
        () -> count(Exchange::isRegistration) > before && node.statusOf(path()).equals("UP"));
  }

  private void reach(String step, Callable<Boolean> condition) {
    try {
      await()
          .pollInterval(Duration.ofMillis(50))
          .atMost(TIMEOUT)
          .failFast(name + " ended", () -> isLiving && !client.isAlive())
          .until(condition);
    } catch (ConditionTimeoutException | TerminalFailureException failure) {
      throw new AssertionError(name + " did not reach: " + step + evidence(), failure);
    }
    print(step);
  }

  private void print(String what) {
    System.out.printf("%-34s %5.1f s  %s%n", name, (System.nanoTime() - startNs) / 1e9, what);
  }

  private String evidence() {
    StringBuilder text = new StringBuilder("\n--- requests and responses\n");
    tap.exchanges().forEach(exchange -> text.append(exchange).append('\n'));
    return text.append("--- output of ")
        .append(name)
        .append('\n')
        .append(client.output())
        .toString();
  }

  private String path() {
    return "apps/" + app + "/client-1";
  }

  private String self(String status) {
    return app + "/client-1=" + status;
  }

  private void seesRegistrationAndCancellation(RealClient who, String passing) throws Exception {
    assertThat(node.register(passing, "passing-1")).isEqualTo(204);
    reach("sees one come", () -> who.sees(passing + "/passing-1=UP"));
    assertThat(node.send("DELETE", "apps/" + passing + "/passing-1")).isEqualTo(200);
    reach("sees it go", () -> !who.sees(passing + "/passing-1=UP"));
  }

  private long count(Predicate<Exchange> kind) {
    return tap.exchanges().stream()
        .filter(exchange -> exchange.status() / 100 == 2)
        .filter(kind)
        .count();
  }
}
