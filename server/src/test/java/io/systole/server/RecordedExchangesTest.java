// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.RecordedExchange.RecordedResponse;
import io.systole.server.RecordedSession.Replay;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Replays recorded exchanges with the stock server: every response must equal the recorded one in
 * status, type and canonical body, except for an {@link IntendedDifference}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecordedExchangesTest {
  /** Recorded for documentation; not served. */
  private static final Map<String, String> OUT_OF_SCOPE = Map.of(
      "dash", "a page for people, of another look",
      "lastn", "a page for people, of another look",
      "status-xml", "describes the node's own machine and peers",
      "status-json", "describes the node's own machine and peers",
      "options-apps2", "a description in WADL, which no client reads: spec §1.2",
      "options-inst", "a description in WADL, which no client reads: spec §1.2");

  private static final Pattern ITEM_STATUS = Pattern.compile("\"statusCode\":(\\d+)");

  private final Map<String, RecordedExchange> recorded = RecordedExchange.all();
  private final Map<String, Replay> replays = new TreeMap<>();

  @BeforeAll
  void replayEverySession() throws IOException {
    for (RecordedSession session : RecordedSession.all()) {
      session.replay(recorded).forEach((name, replay) -> {
        if (replays.put(name, replay) != null) {
          throw new IllegalStateException("compared twice: " + name);
        }
      });
    }
  }

  List<String> compared() {
    return RecordedSession.all().stream()
        .flatMap(session -> session.steps().stream())
        .filter(step -> step.matches("[A-Za-z].*") && !step.equals("evict"))
        .map(step -> step.replaceFirst(":.*", ""))
        .toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("compared")
  void response_equalsTheRecordedOneOrDiffersAsIntended(String name) throws IOException {
    Replay replay = Objects.requireNonNull(replays.get(name), name);
    RecordedResponse response = replay.exchange().response();
    IntendedDifference difference = IntendedDifference.of(replay.exchange());

    if (response == null) {
      assertThat(statuses(replay)).isEqualTo(replay.due());
    } else if (difference == null) {
      assertThat(describe(replay)).isEqualTo(describe(replay.exchange()));
    } else {
      assertDiffers(replay, difference);
    }
  }

  /** Our response must match the entry and differ from the recorded one. */
  private static void assertDiffers(Replay replay, IntendedDifference difference)
      throws IOException {
    LiveNode.NodeResponse ours = replay.response();
    assertThat(ours.status()).as(difference.reason()).isEqualTo(difference.status());
    assertThat(ours.type()).as(difference.reason()).isEqualTo(difference.type());
    assertThat(ours.text()).as(difference.reason()).contains(difference.text());
    if (difference.type() == null) {
      assertThat(ours.text()).isEmpty();
    }
    if (!difference.text().isEmpty()) {
      assertThat(replay.exchange().requiredResponse().body()).doesNotContain(difference.text());
    }
    String actual = describe(replay);
    String recorded = describe(replay.exchange());
    assertThat(actual).isNotEqualTo(recorded);
    if (!difference.lines().isEmpty()) {
      String ignored = "(?m)\\A.*\\n|^ *" + difference.lines() + "$";
      assertThat(actual.replaceAll(ignored, "")).isEqualTo(recorded.replaceAll(ignored, ""));
    }
  }

  @Test
  void everyRecording_isComparedOrDiffersAsIntendedOrIsOutOfScope() {
    long intended = replays.values().stream()
        .filter(replay -> IntendedDifference.of(replay.exchange()) != null)
        .count();
    long equal = replays.size() - intended;

    System.out.printf(
        "recorded exchanges: %d; replayed: %d, of them the same: %d, different as intended: %d;"
            + " out of scope: %d %s%n",
        recorded.size(),
        replays.size(),
        equal,
        intended,
        OUT_OF_SCOPE.size(),
        new TreeSet<>(OUT_OF_SCOPE.keySet()));
    TreeSet<String> accountedFor = new TreeSet<>(replays.keySet());
    accountedFor.addAll(OUT_OF_SCOPE.keySet());
    assertThat(accountedFor).isEqualTo(recorded.keySet());
    assertThat(equal + intended + OUT_OF_SCOPE.size()).isEqualTo(recorded.size());
    assertThat(replays).containsKeys(IntendedDifference.listed().toArray(String[]::new));
  }

  /** Returns status, type, coding and body as one text, for complete failure messages. */
  private static String describe(Replay replay) throws IOException {
    LiveNode.NodeResponse ours = replay.response();
    return describe(ours.status(), ours.type(), ours.isGzipped(), ours.text(), replay.exchange());
  }

  private static String describe(RecordedExchange exchange) {
    RecordedResponse theirs = exchange.requiredResponse();
    return describe(theirs.status(), theirs.type(), theirs.isGzipped(), theirs.body(), exchange);
  }

  private static String describe(
      int status,
      @Nullable String type,
      boolean isGzipped,
      String body,
      RecordedExchange exchange) {
    return status + " " + type + (isGzipped ? " gzip" : "") + "\n"
        + CanonicalBody.of(body.strip(), exchange.isDelta());
  }

  private static List<Integer> statuses(Replay replay) throws IOException {
    List<Integer> statuses = new ArrayList<>(List.of(replay.response().status()));
    if (replay.due().size() > 1) {
      ITEM_STATUS
          .matcher(replay.response().text())
          .results()
          .forEach(item -> statuses.add(Integer.valueOf(item.group(1))));
    }
    return statuses;
  }
}
