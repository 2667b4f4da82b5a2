// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.Repetitions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Unmodified third-party clients through their whole life cycle, each at a separate node. They run
 * concurrently, as each waits most of the time for the next turn of its client.
 */
@Execution(ExecutionMode.CONCURRENT)
class RealClientsIT {
  private static final ClientProgram NETFLIX_JERSEY_3 =
      ClientProgram.java("Netflix 2.0.6, Jersey 3", "netflix-jersey3", "Jersey3Client");
  private static final ClientProgram NETFLIX_JERSEY_3_REFRESHING =
      ClientProgram.java("Netflix 2.0.6, 20 times a second", "netflix-jersey3", "Jersey3Refresher");
  private static final ClientProgram NETFLIX_JERSEY_1 =
      ClientProgram.java("Netflix 1.10.18, Jersey 1", "netflix-jersey1", "Jersey1Client");
  static final ClientProgram SPRING_REST_CLIENT = ClientProgram.java(
      "Spring Cloud 5.0.2, RestClient", "spring-restclient", "lifecycle.SpringLifecycle", "false");
  private static final ClientProgram SPRING_WEB_CLIENT = ClientProgram.java(
      "Spring Cloud 5.0.2, WebClient", "spring-webclient", "lifecycle.SpringLifecycle", "true");

  @Test
  void netflixJersey3_lifecycle() throws Exception {
    try (ClientLifecycle lifecycle = new ClientLifecycle(NETFLIX_JERSEY_3, "NETFLIX-3")) {
      begin(lifecycle);
      lifecycle.agreesOnTheHash();
      finish(lifecycle);
    }
  }

  @Test
  @Tag("randomized")
  void netflixJersey3_registryChanges_followsDeltasWithoutFullFetch() throws Exception {
    try (ReconcilingClient client = new ReconcilingClient(NETFLIX_JERSEY_3_REFRESHING)) {
      client.refreshesWhileOthersChange(Repetitions.of(40));
      client.hasWhatTheNodeHas();
      client.neverFetchedEverythingAgain();
    }
  }

  @Test
  void netflixJersey1_lifecycle() throws Exception {
    try (ClientLifecycle lifecycle = new ClientLifecycle(NETFLIX_JERSEY_1, "NETFLIX-1")) {
      begin(lifecycle);
      lifecycle.agreesOnTheHash();
      finish(lifecycle);
    }
  }

  @Test
  void springRestClient_lifecycle() throws Exception {
    live(SPRING_REST_CLIENT, SPRING_REST_CLIENT, "SPRING-REST");
  }

  @Test
  void springWebClient_lifecycle() throws Exception {
    live(SPRING_WEB_CLIENT, SPRING_WEB_CLIENT, "SPRING-WEB");
  }

  @Test
  void javaScript_lifecycle() throws Exception {
    NodePackages.install(ClientProgram.ALL.resolve("js"));

    live(NodePackages.client("full"), NodePackages.client("delta"), "JAVASCRIPT");
  }

  /** Includes a second application that finds the first. */
  private static void live(ClientProgram program, ClientProgram other, String app)
      throws Exception {
    try (ClientLifecycle lifecycle = new ClientLifecycle(program, app);
        RealClient second = lifecycle.joinedBy(other)) {
      begin(lifecycle);
      lifecycle.isFoundBy(second);
      finish(lifecycle);
    }
  }

  private static void begin(ClientLifecycle lifecycle) throws Exception {
    lifecycle.registers();
    lifecycle.renews();
    lifecycle.seesAllInstances();
    lifecycle.seesOthersRegisterAndCancel();
  }

  private static void finish(ClientLifecycle lifecycle) throws Exception {
    lifecycle.seesItsOverride();
    lifecycle.returnsWhenItsOverrideEnds();
    lifecycle.returnsWhenItsLeaseWasDeleted();
    lifecycle.cancelsWhenItEnds();
    lifecycle.hadNoFailures();
  }
}
