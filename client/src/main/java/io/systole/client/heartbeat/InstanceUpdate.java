// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.client.api.InstanceSupplier;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The updates of an instance, each as a function of its document supplier. Consecutive updates do
 * not accumulate memory.
 */
public final class InstanceUpdate {
  private InstanceUpdate() {}

  /** A supplier of a retained document. */
  private record RetainedDocument(InstanceInfo document) implements InstanceSupplier {
    @Override
    public InstanceInfo instance(long lastDirtyMs) {
      return document.toBuilder().lastDirtyMs(lastDirtyMs).build();
    }
  }

  /** A supplier that overrides status or metadata of another supplier's documents. */
  private record Overlay(
      InstanceSupplier base,
      @Nullable InstanceStatus status,
      @Nullable Map<String, String> metadata)
      implements InstanceSupplier {

    static Overlay over(InstanceSupplier source) {
      return source instanceof Overlay overlay ? overlay : new Overlay(source, null, null);
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

  /** Returns a supplier of a retained document. */
  public static InstanceSupplier retaining(InstanceInfo document) {
    return new RetainedDocument(document);
  }

  /** Sets the status. */
  public static UnaryOperator<InstanceSupplier> status(InstanceStatus status) {
    return source -> {
      Overlay overlay = Overlay.over(source);
      return new Overlay(overlay.base, status, overlay.metadata);
    };
  }

  /** Sets all metadata. */
  public static UnaryOperator<InstanceSupplier> metadata(Map<String, String> metadata) {
    Map<String, String> copy = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    return source -> {
      Overlay overlay = Overlay.over(source);
      return new Overlay(overlay.base, overlay.status, copy);
    };
  }

  /** Sets the whole document, which is retained from then on. */
  public static UnaryOperator<InstanceSupplier> document(UnaryOperator<InstanceInfo> change) {
    return source -> {
      InstanceInfo before = source.instance(0);
      InstanceInfo after = change.apply(before);
      requireSame(before, after);
      return new RetainedDocument(after);
    };
  }

  /** Replaces the supplier. */
  public static UnaryOperator<InstanceSupplier> source(InstanceSupplier next) {
    return source -> {
      requireSame(source.instance(0), next.instance(0));
      return next;
    };
  }

  /**
   * Requires that identity and renewal interval are unchanged, on which the client's own state
   * depends.
   */
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
