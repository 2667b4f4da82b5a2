// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.RegistrationValidator;
import io.systole.protocol.time.Clock;
import io.systole.server.peer.PeerRegistryReader.TooLargeException;
import io.systole.server.registry.ByteBounds;
import io.systole.server.registry.Origin;
import io.systole.server.registry.RegisterOutcome;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers the instances of a peer's registry at the start of the node (spec §5.6): all of them,
 * or none if the registry is incomplete, malformed or too large.
 */
final class RegistryDownload {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryDownload.class);

  static final String PATH = "/apps";

  /** The maximum time for a whole registry, even if the peer keeps sending. */
  static final int TOTAL_TIMEOUT_MS = 120_000;

  private final Registry registry;
  private final Clock clock;
  private int registered;
  private int refused;

  RegistryDownload(Registry registry, Clock clock) {
    this.registry = registry;
    this.clock = clock;
  }

  /**
   * Registers the instances of one peer. An instance that is newer here stays as it is.
   *
   * @param connection closed at the end
   * @param timeoutNs the maximum time to receive and decode the registry
   * @throws IOException if the peer did not return its whole registry in time, or one that this
   *     node cannot hold; nothing has been registered
   */
  void from(URI url, PeerConnection connection, long timeoutNs)
      throws IOException, InterruptedException {
    long beganNs = clock.monotonicNs();
    try (connection) {
      PeerResponse response = connection.get(PATH).get(timeoutNs, TimeUnit.NANOSECONDS);
      if (response.status() != 200) {
        throw response.refusal();
      }
      Collection<InstanceInfo> instances = decode(response, beganNs + timeoutNs);
      instances.forEach(instance -> register(instance, response.isCurrent()));
      LOG.info(
          "registry loaded from peer url={} instances={} refused={} ms={}",
          url,
          registered,
          refused,
          TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - beganNs));
    } catch (ExecutionException e) {
      throw new IOException(PeerFailureReason.of(e));
    } catch (TimeoutException late) {
      throw new IOException("registry not received in time");
    } catch (MalformedDocumentException malformed) {
      throw new IOException("not a registry", malformed);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private Collection<InstanceInfo> decode(PeerResponse response, long deadlineNs)
      throws IOException, MalformedDocumentException {
    RegistrySettings settings = registry.settings();
    DecodedInstances instances = new DecodedInstances(settings.bytes());
    try (InputStream plain = response.plainBody()) {
      refused += PeerRegistryReader.read(
          new DeadlineInputStream(plain, clock, deadlineNs),
          settings.leasesMax(),
          clock.wallMs(),
          instances::add);
    }
    refused += instances.tooLarge;
    return instances.byKey.values();
  }

  /** The decoded instances. They occupy no more memory than the registry may. */
  private static final class DecodedInstances {
    private final ByteBounds bounds;
    private final Map<InstanceKey, InstanceInfo> byKey = new LinkedHashMap<>();
    private long bytes;
    private int tooLarge;

    DecodedInstances(ByteBounds bounds) {
      this.bounds = bounds;
    }

    /** Adds an instance; a repeated one replaces the one before. */
    void add(InstanceInfo instance) {
      if (instance.sizeBytes() > bounds.instanceMax()) {
        // The registry would refuse it.
        tooLarge++;
        return;
      }
      InstanceInfo replaced = byKey.put(instance.key(), instance);
      bytes += Registry.leaseBytesOf(instance);
      bytes -= replaced == null ? 0 : Registry.leaseBytesOf(replaced);
      if (bytes > bounds.registryMax()) {
        throw new UncheckedIOException(new TooLargeException(
            "more bytes than --max-registry-size " + bounds.registryMax() + "B"));
      }
    }
  }

  /**
   * Registers one instance of a peer.
   *
   * @param isCurrent false if the peer's list may be older than what was restored
   */
  void register(InstanceInfo instance, boolean isCurrent) {
    boolean isValid = RegistrationValidator.refusalOf(instance, instance.app()) == null;
    if (isValid && isCurrent) {
      registry.statusOverrides().adoptOfRestored(instance);
    }
    if (isValid && registerValid(instance, isCurrent) == RegisterOutcome.REGISTERED) {
      registered++;
    } else {
      refused++;
    }
  }

  private RegisterOutcome registerValid(InstanceInfo instance, boolean isCurrent) {
    return isCurrent
        ? registry.register(instance, Origin.PEER)
        : registry.registerOutdated(instance);
  }
}
