// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Registry;
import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All instances behind a virtual name: {@code GET vips/{vip}}, {@code GET svips/{vip}} (spec §1.2
 * items 12 and 13). An unknown name has none; that is no error. Cost: O(instances).
 */
public final class VipEndpoint implements Endpoint {
  /** What {@code versions__delta} says where there are no deltas (spec §4.3). */
  private static final String NO_VERSION = "-1";

  private final Registry registry;
  private final Documents documents;
  private final Function<InstanceInfo, @Nullable String> vipOf;

  /** @param vipOf the virtual names of an instance, separated by commas */
  public VipEndpoint(
      Registry registry, Documents documents, Function<InstanceInfo, @Nullable String> vipOf) {
    this.registry = registry;
    this.documents = documents;
    this.vipOf = vipOf;
  }

  @Override
  public Reply handle(Request request) {
    String vip = request.variable("vip");
    List<Application> applications = new ArrayList<>();
    for (Application application : registry.full().applications()) {
      List<InstanceInfo> behind = application.instances().stream()
          .filter(instance -> isBehind(vip, instance))
          .toList();
      if (!behind.isEmpty()) {
        applications.add(new Application(application.name(), behind));
      }
    }
    return documents.applications(
        new Applications(NO_VERSION, AppsHashCode.of(applications), applications), request);
  }

  /** One element of the list must match exactly; nothing is trimmed (spec §1.3). */
  private boolean isBehind(String vip, InstanceInfo instance) {
    String vips = vipOf.apply(instance);
    return vips != null && Arrays.asList(vips.split(",", -1)).contains(vip);
  }
}
