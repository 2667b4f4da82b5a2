// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An exact record of the Netty buffers not released. Netty's own detector reports a leak only after
 * a garbage collection.
 */
final class OpenBuffers extends ResourceLeakDetectorFactory {
  private static final Set<Entry<?>> OPEN = ConcurrentHashMap.newKeySet();
  private static final AtomicLong OPENED = new AtomicLong();

  private OpenBuffers() {}

  /** Replaces Netty's detectors; must be called before the first allocation. */
  static void install() {
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new OpenBuffers());
  }

  /** Returns the number of the next buffer to be allocated. */
  static long mark() {
    return OPENED.get();
  }

  /** Returns the allocation sites of the open buffers allocated since the mark. */
  static List<Throwable> openSince(long mark) {
    return OPEN.stream()
        .filter(entry -> entry.number >= mark)
        .<Throwable>map(entry -> entry.origin)
        .toList();
  }

  @Override
  @Deprecated
  public <T> ResourceLeakDetector<T> newResourceLeakDetector(
      Class<T> resource, int samplingInterval, long maxActive) {
    return new ExactDetector<>(resource);
  }

  private static final class ExactDetector<T> extends ResourceLeakDetector<T> {
    ExactDetector(Class<T> resource) {
      super(resource, 1);
    }

    @Override
    public ResourceLeakTracker<T> track(T resource) {
      return new Entry<>();
    }

    @Override
    public ResourceLeakTracker<T> trackForcibly(T resource) {
      return new Entry<>();
    }
  }

  /** One open buffer. */
  private static final class Entry<T> implements ResourceLeakTracker<T> {
    private final long number = OPENED.getAndIncrement();
    private final Throwable origin = new Throwable("buffer opened here and not released");

    Entry() {
      OPEN.add(this);
    }

    @Override
    public void record() {}

    @Override
    public void record(@Nullable Object hint) {}

    @Override
    public boolean close(T resource) {
      return OPEN.remove(this);
    }
  }
}
