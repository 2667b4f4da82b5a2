// SPDX-License-Identifier: Apache-2.0
package io.systole.server.view;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.XmlCodec;
import io.systole.protocol.model.Applications;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySnapshot;
import io.systole.server.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The answers that many readers ask for. Making one takes long; not for an event loop. */
public final class Views {
  /*
   * One place per key. Whoever finds its view outdated makes the next one, holding the place's
   * monitor; others who want the same wait for it, and those who want another don't. A view is
   * outdated when the registry has changed; a delta also when it is so old that its oldest entries
   * may have to go.
   */

  /** What {@code versions__delta} says in a full answer, always (spec §4.3). */
  private static final String FULL_VERSION = "1";

  private static final long DELTA_AGE_MAX_NS = TimeUnit.SECONDS.toNanos(1);

  private static final class Place {
    private @Nullable EncodedView view;
    private long version;
    private long madeNs;
  }

  private final Registry registry;
  private final Clock clock;
  private final Map<Language, Codec> codecs =
      Map.of(Language.JSON, new JsonCodec(), Language.XML, new XmlCodec());
  private final Map<ViewKey, Place> places = new ConcurrentHashMap<>();

  public Views(Registry registry, Clock clock) {
    this.registry = registry;
    this.clock = clock;
  }

  /** The answer as of now. */
  public EncodedView view(ViewKey key) {
    Place place = places.computeIfAbsent(key, any -> new Place());
    synchronized (place) {
      long nowNs = clock.monotonicNs();
      EncodedView view = place.view;
      if (view != null && isCurrent(key, place, nowNs)) {
        return view;
      }
      RegistrySnapshot snapshot = snapshot(key);
      view = encode(key, snapshot);
      place.view = view;
      place.version = snapshot.version();
      place.madeNs = nowNs;
      return view;
    }
  }

  private boolean isCurrent(ViewKey key, Place place, long nowNs) {
    return place.version == registry.version()
        && (key.extent() == ViewKey.Extent.FULL || nowNs - place.madeNs < DELTA_AGE_MAX_NS);
  }

  private RegistrySnapshot snapshot(ViewKey key) {
    return switch (key.extent()) {
      case FULL -> registry.full();
      case DELTA -> registry.delta();
    };
  }

  private EncodedView encode(ViewKey key, RegistrySnapshot snapshot) {
    String version = switch (key.extent()) {
      case FULL -> FULL_VERSION;
      // Any number that grows will do, but -1, which says that there are no deltas.
      case DELTA -> Long.toString(snapshot.version() + 1);
    };
    Applications document =
        new Applications(version, snapshot.appsHashCode(), snapshot.applications());
    return new EncodedView(codec(key.language()).encodeApplications(document, key.form()));
  }

  /** Reads and writes documents of this language. */
  public Codec codec(Language language) {
    Codec codec = codecs.get(language);
    if (codec == null) {
      throw new IllegalStateException("no codec for " + language);
    }
    return codec;
  }
}
