// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.RegistrationValidator;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.Origin;
import io.systole.server.registry.RegisterOutcome;
import io.systole.server.registry.Registry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers the instances of a peer's registry at the start of the node (spec §5.6): all of them,
 * or none if the registry is incomplete or malformed.
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
   * @return false if the peer did not return its whole registry
   */
  boolean from(URI url, PeerConnection connection) throws InterruptedException {
    long beganNs = clock.monotonicNs();
    try (connection) {
      PeerResponse response = connection.get(PATH).get(TOTAL_TIMEOUT_MS, TimeUnit.MILLISECONDS);
      if (response.status() != 200) {
        throw response.refusal();
      }
      List<InstanceInfo> instances = decode(response);
      instances.forEach(instance -> register(instance, response.isCurrent()));
      LOG.info(
          "registry loaded from peer url={} instances={} refused={} ms={}",
          url,
          registered,
          refused,
          TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - beganNs));
      return true;
    } catch (ExecutionException e) {
      LOG.info(
          "registry not loaded from peer url={}: {}", url, PeerConnection.messageOf(e.getCause()));
    } catch (TimeoutException | IOException | UncheckedIOException | MalformedDocumentException e) {
      LOG.info("registry not loaded from peer url={}: {}", url, e.toString());
    }
    return false;
  }

  /** Returns at most as many instances as the registry can have; counts the others as refused. */
  private List<InstanceInfo> decode(PeerResponse response)
      throws IOException, MalformedDocumentException {
    List<InstanceInfo> instances = new ArrayList<>();
    int instancesMax = registry.settings().leasesMax();
    try (InputStream plain = response.plainBody()) {
      int invalid = new JsonCodec().decodeInstances(plain, clock.wallMs(), instance -> {
        if (instances.size() < instancesMax) {
          instances.add(instance);
        } else {
          refused++;
        }
      });
      refused += invalid;
    }
    return instances;
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
