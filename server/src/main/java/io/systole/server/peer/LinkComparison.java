// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.client.net.Backoff;
import io.systole.server.peer.RegistryComparison.Difference;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * The comparisons of one link, one at a time. After one that failed, the next begins later and may
 * take longer. Confined to the peer thread.
 */
final class LinkComparison {
  /*
   * A peer may send a registry that takes as long as it is allowed to. The first attempt at every
   * peer is therefore short, so that an honest peer behind such ones in the queue is compared soon;
   * the rare registry that takes longer is compared by a later attempt.
   */

  /** Failures after which a comparison may take the whole time; each before halves it. */
  private static final int HALVINGS = 3;

  private final PeerAddress peer;
  private final LinkEnvironment environment;
  private final Backoff backoff;

  /** The failed comparisons since the last success. */
  private int failures;

  LinkComparison(PeerAddress peer, LinkEnvironment environment) {
    this.peer = peer;
    this.environment = environment;
    LinkTimings timings = environment.timings();
    this.backoff =
        new Backoff(timings.comparisonMsMin(), timings.comparisonMsMax(), new SplittableRandom());
  }

  /**
   * Begins a comparison when its turn comes.
   *
   * @param isClosed returns whether the link needs it no more
   */
  CompletableFuture<Difference> start(BooleanSupplier isClosed) {
    return environment.comparisons().add(failures, () -> {
      if (isClosed.getAsBoolean()) {
        return CompletableFuture.failedFuture(new IOException("link closed"));
      }
      return compare();
    });
  }

  private CompletableFuture<Difference> compare() {
    int halvings = Math.max(0, HALVINGS - failures);
    PeerConnection download = environment
        .connector()
        .connectForRegistry(peer, RegistryDownload.TOTAL_TIMEOUT_MS >> halvings);
    return RegistryComparison.start(
        environment.registry(),
        download,
        environment.clock(),
        RegistryComparison.DECODE_MS_MAX >> halvings,
        environment.threads()::executeComparison);
  }

  void succeeded() {
    failures = 0;
    backoff.reset();
  }

  /** Records a failure; returns the minimum delay before the next comparison, ms. */
  long failed() {
    failures++;
    return backoff.nextMs();
  }
}
