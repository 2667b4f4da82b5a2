// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The ways in which an instance may change what it says of itself, each as a change of the source
 * of its documents. However many follow each other, what is held does not grow.
 */
public final class InstanceUpdate {
  private InstanceUpdate() {}

  /** A document that is held. */
  private record Held(InstanceInfo document) implements InstanceSupplier {
    @Override
    public InstanceInfo instance(long lastDirtyMs) {
      return document.toBuilder().lastDirtyMs(lastDirtyMs).build();
    }
  }

  /** Documents of another source, but for what was set since. */
  private record Set(
      InstanceSupplier base,
      @Nullable InstanceStatus status,
      @Nullable Map<String, String> metadata)
      implements InstanceSupplier {

    static Set over(InstanceSupplier source) {
      return source instanceof Set set ? set : new Set(source, null, null);
    }

    @Override
    public InstanceInfo instance(long lastDirtyMs) {
      InstanceInfo.Builder document = base.instance(lastDirtyMs).toBuilder();
      if (status != null) {
        document.status(status);
      }
      if (metadata != null) {
        document.metadata(metadata);
      }
      return document.build();
    }
  }

  /** Returns the source of a document that is held. */
  public static InstanceSupplier held(InstanceInfo document) {
    return new Held(document);
  }

  /** Sets the status. */
  public static UnaryOperator<InstanceSupplier> status(InstanceStatus status) {
    return source -> {
      Set set = Set.over(source);
      return new Set(set.base, status, set.metadata);
    };
  }

  /** Sets all metadata. */
  public static UnaryOperator<InstanceSupplier> metadata(Map<String, String> metadata) {
    Map<String, String> copy = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    return source -> {
      Set set = Set.over(source);
      return new Set(set.base, set.status, copy);
    };
  }

  /** Sets the whole document, which is held from then on. */
  public static UnaryOperator<InstanceSupplier> document(UnaryOperator<InstanceInfo> change) {
    return source -> {
      InstanceInfo before = source.instance(0);
      InstanceInfo after = change.apply(before);
      requireSame(before, after);
      return new Held(after);
    };
  }

  /** Sets the source itself. */
  public static UnaryOperator<InstanceSupplier> source(InstanceSupplier next) {
    return source -> {
      requireSame(source.instance(0), next.instance(0));
      return next;
    };
  }

  /** The rest may change; by these the client finds the instance and knows when it is due. */
  private static void requireSame(InstanceInfo before, InstanceInfo after) {
    int secsBefore = before.leaseInfo().renewalIntervalSecs();
    int secsAfter = after.leaseInfo().renewalIntervalSecs();
    if (!before.key().equals(after.key()) || secsBefore != secsAfter) {
      throw new IllegalArgumentException(
          "an update must keep application, id and renewal interval: "
              + before.key() + " every " + secsBefore + " s, got " + after.key() + " every "
              + secsAfter
              + " s");
    }
  }
}
