// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.Repetitions;
import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.codec.XmlCodec;
import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Readers that apply deltas to their copies while writers change the registry. */
@Tag("randomized")
class ReconcilingReadersTest {
  private static final long SEED = 20_261_124;
  private static final int WRITERS = 4;
  private static final int READERS = 3;
  private static final int FETCHES = Repetitions.of(100);
  private static final int CHANGES_PER_FETCH = 20;

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(10_000, true, 180_000, 1_000_000), clock);
  private final ResponseCache cache = new ResponseCache(registry, clock);
  private final AtomicBoolean isOver = new AtomicBoolean();

  /** Permits for changes, to keep readers and writers at the same pace. */
  private final Semaphore allowed = new Semaphore(1_000);

  @Test
  void delta_concurrentChanges_leadToTheSameHashCode() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS + READERS);
    try {
      List<Future<?>> writers = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        RandomChanges changes = new RandomChanges(registry, clock, 5, 40, SEED + writer);
        writers.add(threads.submit(() -> {
          while (!isOver.get()) {
            allowed.acquire();
            changes.next();
          }
          return null;
        }));
      }
      List<Future<Integer>> readers = new ArrayList<>();
      for (int reader = 0; reader < READERS; reader++) {
        DocumentFormat format = reader % 2 == 0 ? DocumentFormat.JSON : DocumentFormat.XML;
        readers.add(threads.submit(() -> read(format)));
      }

      for (Future<Integer> reader : readers) {
        assertThat(reader.get(300, TimeUnit.SECONDS)).as("seed %d", SEED).isEqualTo(FETCHES);
      }
      isOver.set(true);
      allowed.release(WRITERS);
      for (Future<?> writer : writers) {
        writer.get(20, TimeUnit.SECONDS);
      }
      assertThat(cache.failures()).isZero();
    } finally {
      isOver.set(true);
      threads.shutdownNow();
      cache.close();
    }
  }

  private int read(DocumentFormat format) throws MalformedDocumentException {
    Map<InstanceKey, InstanceInfo> copy = new HashMap<>();
    long seen = apply(CacheKey.of(CacheScope.FULL, format, Form.FULL), copy);
    int fetches = 0;
    while (fetches < FETCHES) {
      long least = registry.version();
      long version = apply(CacheKey.of(CacheScope.DELTA, format, Form.FULL), copy);
      assertThat(version).isGreaterThanOrEqualTo(Math.max(seen, least));
      seen = version;
      allowed.release(CHANGES_PER_FETCH);
      fetches++;
    }
    return fetches;
  }

  /** Applies a document to the copy, as clients do, and compares the hash codes. */
  private long apply(CacheKey key, Map<InstanceKey, InstanceInfo> copy)
      throws MalformedDocumentException {
    CachedRepresentation representation = RepresentationFuture.get(cache, key);
    byte[] bytes = Bytes.unzipped(Bytes.gzip(representation));
    Codec codec = key.format() == DocumentFormat.JSON ? new JsonCodec() : new XmlCodec();
    Applications document = codec.decodeApplications(bytes, 0, bytes.length, 0);
    for (Application application : document.applications()) {
      for (InstanceInfo instance : application.instances()) {
        if (instance.actionType() == ActionType.DELETED) {
          copy.remove(instance.key());
        } else {
          copy.put(instance.key(), instance);
        }
      }
    }
    Application all = new Application("ALL", List.copyOf(copy.values()));
    assertThat(AppsHashCode.of(List.of(all)))
        .as("%s as of %d", key, representation.version())
        .isEqualTo(document.appsHashCode());
    return representation.version();
  }
}
