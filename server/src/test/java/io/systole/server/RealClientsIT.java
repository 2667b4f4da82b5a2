// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.Repetitions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Unmodified third-party clients through their whole life cycle, each at a node of its own. They
 * run concurrently, as each waits most of the time for the next turn of its client.
 */
@Execution(ExecutionMode.CONCURRENT)
class RealClientsIT {
  private static final ClientProgram NETFLIX_JERSEY_3 =
      ClientProgram.java("Netflix 2.0.6, Jersey 3", "netflix-jersey3", "Jersey3Client");
  private static final ClientProgram NETFLIX_JERSEY_3_REFRESHING =
      ClientProgram.java("Netflix 2.0.6, 20 times a second", "netflix-jersey3", "Jersey3Refresher");
  private static final ClientProgram NETFLIX_JERSEY_1 =
      ClientProgram.java("Netflix 1.10.18, Jersey 1", "netflix-jersey1", "Jersey1Client");
  private static final ClientProgram SPRING_REST_CLIENT = ClientProgram.java(
      "Spring Cloud 5.0.2, RestClient", "spring-restclient", "springlife.SpringLife", "false");
  private static final ClientProgram SPRING_WEB_CLIENT = ClientProgram.java(
      "Spring Cloud 5.0.2, WebClient", "spring-webclient", "springlife.SpringLife", "true");

  @Test
  void netflixJersey3_lifecycle() throws Exception {
    try (ClientLifecycle life = new ClientLifecycle(NETFLIX_JERSEY_3, "NETFLIX-3")) {
      begin(life);
      life.agreesOnTheHash();
      finish(life);
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
    try (ClientLifecycle life = new ClientLifecycle(NETFLIX_JERSEY_1, "NETFLIX-1")) {
      begin(life);
      life.agreesOnTheHash();
      finish(life);
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
    try (ClientLifecycle life = new ClientLifecycle(program, app);
        RealClient second = life.joinedBy(other)) {
      begin(life);
      life.isFoundBy(second);
      finish(life);
    }
  }

  private static void begin(ClientLifecycle life) throws Exception {
    life.registers();
    life.renews();
    life.seesAllInstances();
    life.seesOthersRegisterAndCancel();
  }

  private static void finish(ClientLifecycle life) throws Exception {
    life.seesItsOverride();
    life.returnsWhenItsOverrideEnds();
    life.returnsWhenItsLeaseWasDeleted();
    life.cancelsWhenItEnds();
    life.hadNoFailures();
  }
}
