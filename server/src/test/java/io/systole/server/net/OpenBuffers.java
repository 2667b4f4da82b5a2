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
 * An exact record of the Netty buffers not released, by owner: test classes run concurrently.
 * Netty's own detector reports a leak only after a garbage collection.
 *
 * <p>A thread inherits the owner of the thread that started it. The owner of a shared thread, such
 * as one of the common pool, is {@link #NO_OWNER}.
 */
final class OpenBuffers extends ResourceLeakDetectorFactory {
  private static final Set<Entry<?>> OPEN = ConcurrentHashMap.newKeySet();
  private static final AtomicLong OPENED = new AtomicLong();

  static final String NO_OWNER = "";

  private static final InheritableThreadLocal<String> OWNER = new InheritableThreadLocal<>() {
    @Override
    protected String initialValue() {
      return NO_OWNER;
    }
  };

  private OpenBuffers() {}

  /** Sets the owner of the buffers opened by this thread and by those it starts. */
  static void own(String owner) {
    OWNER.set(owner);
  }

  /** Replaces Netty's detectors; must be called before the first allocation. */
  static void install() {
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new OpenBuffers());
  }

  /** Returns the number of the next buffer to be allocated. */
  static long mark() {
    return OPENED.get();
  }

  /** Returns the allocation sites of this owner's open buffers allocated since the mark. */
  static List<Throwable> openSince(long mark, String owner) {
    return OPEN.stream()
        .filter(entry -> entry.number >= mark && entry.owner.equals(owner))
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
    private final String owner = OWNER.get();
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
