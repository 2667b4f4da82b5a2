// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.Registry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Compares a peer's registry with the local one. What exists only at the peer is no difference: the
 * protocol has no deletions to compare, so it ends with its lease. Nor are a status override and
 * metadata that may be out of date here: no timestamp shows which of two is newer (spec §3.4).
 */
final class RegistryComparison {
  /**
   * The differences.
   *
   * @param unregistered slots of instances that are unknown to the peer, or older there, or have
   *     other metadata there
   * @param overridden slots of instances with another status or override at the peer
   * @param newer instances of the peer that are older here
   */
  record Difference(BitSet unregistered, BitSet overridden, List<InstanceInfo> newer) {
    int size() {
      return unregistered.cardinality() + overridden.cardinality() + newer.size();
    }
  }

  /**
   * The compared members of an instance: the dirty timestamp, and those that can change without it
   * (spec §3.4). Metadata is compared by hash code, so that the memory does not depend on its size.
   */
  private record RemoteState(
      long dirtyMs, InstanceStatus status, InstanceStatus overriddenStatus, int metadataHash) {

    static RemoteState of(InstanceInfo instance) {
      return new RemoteState(
          instance.lastDirtyMs(),
          instance.status(),
          instance.overriddenStatus(),
          instance.metadata().hashCode());
    }

    boolean hasSameOverride(RemoteState other) {
      return overriddenStatus == other.overriddenStatus;
    }
  }

  /** The status of a registry that is not shown yet (spec §4.6). */
  private static final int NOT_READY = 403;

  /**
   * The maximum time to decode and compare a registry, as other comparisons wait for the thread. A
   * million instances take less than a quarter of it, and few registries more than an eighth.
   */
  static final int DECODE_MS_MAX = 40_000;

  private RegistryComparison() {}

  /**
   * Downloads and compares the registry of a peer. Does not block.
   *
   * @param download closed at the end
   * @param decodeMsMax the maximum time to decode the registry
   * @param executor runs the comparison, which may take seconds
   */
  static CompletableFuture<Difference> start(
      Registry registry, PeerConnection download, Clock clock, int decodeMsMax, Executor executor) {
    CompletableFuture<Difference> compared = download
        .get(RegistryDownload.PATH)
        .thenApplyAsync(response -> differenceOf(registry, response, clock, decodeMsMax), executor);
    var unused = compared.whenComplete((difference, failure) -> download.close());
    return compared;
  }

  private static Difference differenceOf(
      Registry registry, PeerResponse response, Clock clock, int decodeMsMax) {
    try {
      return compare(registry, response, clock, decodeMsMax);
    } catch (MalformedDocumentException malformed) {
      throw new UncheckedIOException(new IOException("not a registry", malformed));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Compares the registry in a peer's response. A stock server that does not show its registry yet
   * is compared as if it had none.
   *
   * @throws IOException if there is no registry in the response
   * @throws MalformedDocumentException if it is not a registry
   */
  private static Difference compare(
      Registry registry, PeerResponse response, Clock clock, int decodeMsMax)
      throws IOException, MalformedDocumentException {
    if (response.status() == NOT_READY) {
      return compare(registry, Map.of(), List.of());
    }
    if (response.status() != 200) {
      throw response.refusal();
    }
    long deadlineNs = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(decodeMsMax);
    try (InputStream plain = response.plainBody()) {
      return compare(registry, new DeadlineInputStream(plain, clock, deadlineNs), clock.wallMs());
    }
  }

  /**
   * Compares the registry in a stream.
   *
   * @param body the peer's registry in JSON
   */
  static Difference compare(Registry registry, InputStream body, long nowMs)
      throws MalformedDocumentException {
    RemoteInstances remote = new RemoteInstances(registry);
    PeerRegistryReader.read(body, registry.settings().leasesMax(), nowMs, remote::add);
    return compare(registry, remote.states, List.copyOf(remote.newer.values()));
  }

  /**
   * The peer's instances that are known here. The others are no difference, so the memory is
   * bounded by the leases of this node.
   */
  private static final class RemoteInstances {
    private final Registry registry;
    private final Map<InstanceKey, RemoteState> states = new HashMap<>();
    private final Map<InstanceKey, InstanceInfo> newer = new LinkedHashMap<>();
    private long newerBytesLeft;

    RemoteInstances(Registry registry) {
      this.registry = registry;
      this.newerBytesLeft = registry.settings().bytes().registryMax() - registry.leaseBytes();
    }

    /** Adds an instance; a repeated one replaces the one before. */
    void add(InstanceInfo instance) {
      if (instance.id().isEmpty() || instance.app().isEmpty()) {
        return;
      }
      InstanceInfo local = registry.findStored(instance.key());
      if (local == null) {
        return;
      }
      states.put(local.key(), RemoteState.of(instance));
      InstanceInfo replaced = newer.remove(local.key());
      if (replaced != null) {
        newerBytesLeft += Registry.leaseBytesOf(replaced);
      }
      if (local.lastDirtyMs() < instance.lastDirtyMs()) {
        addNewer(instance);
      }
    }

    /**
     * Adds an instance that is older here, if it fits. The peer returns one that does not in
     * response to its next heartbeat.
     */
    private void addNewer(InstanceInfo instance) {
      long bytes = Registry.leaseBytesOf(instance);
      if (bytes <= newerBytesLeft
          && instance.sizeBytes() <= registry.settings().bytes().instanceMax()) {
        newer.put(instance.key(), instance);
        newerBytesLeft -= bytes;
      }
    }
  }

  private static Difference compare(
      Registry registry, Map<InstanceKey, RemoteState> remote, List<InstanceInfo> newer) {
    BitSet unregistered = new BitSet();
    BitSet overridden = new BitSet();
    registry.forEachSlot((slot, local, isChangedHere, isOutdated) -> {
      RemoteState there = remote.get(local.key());
      RemoteState here = RemoteState.of(local);
      if (there == null) {
        // Another may have ended there since this node received or restored it. If it runs, its
        // next heartbeat registers it there.
        unregistered.set(slot, isChangedHere);
      } else if (there.dirtyMs() < local.lastDirtyMs()) {
        unregistered.set(slot);
        // A registration does not remove an override.
        overridden.set(slot, !isOutdated && !there.hasSameOverride(here));
      } else if (there.dirtyMs() == local.lastDirtyMs() && !isOutdated) {
        unregistered.set(slot, there.metadataHash() != here.metadataHash());
        overridden.set(slot, !there.hasSameOverride(here) || there.status() != here.status());
      }
    });
    return new Difference(unregistered, overridden, newer);
  }
}
