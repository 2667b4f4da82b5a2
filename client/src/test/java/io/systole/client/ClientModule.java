// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** The descriptor of the client's module. The tests themselves are on the class path. */
final class ClientModule {
  private ClientModule() {}

  /** Returns the packages exported to all modules. */
  static Set<String> exportedPackages() {
    return descriptor().exports().stream()
        .filter(exported -> !exported.isQualified())
        .map(Exports::source)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static ModuleDescriptor descriptor() {
    var location = HeartbeatClient.class.getProtectionDomain().getCodeSource().getLocation();
    try {
      return ModuleFinder.of(Path.of(location.toURI()))
          .find("io.systole.client")
          .orElseThrow()
          .descriptor();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("not a file: " + location, e);
    }
  }
}
