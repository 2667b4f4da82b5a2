// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.client.net.Transport;
import io.systole.protocol.time.Clock;
import io.systole.server.auth.Authenticator;
import io.systole.server.cluster.NativeClusterSettings;
import io.systole.server.cluster.group.JGroupsGroup;
import io.systole.server.config.SecuritySettings;
import io.systole.server.config.ServerConfig;
import io.systole.server.metrics.Counters;
import io.systole.server.net.HttpServer;
import io.systole.server.peer.PeerConnector;
import io.systole.server.peer.PeerUrls;
import io.systole.server.store.Store;
import io.systole.server.tls.ServerTls;
import io.systole.server.tls.TlsSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A trial of what a start reads, without listening, and without a change to the data directory. It
 * calls what the start calls, so a failure has the same message.
 */
final class StartCheck {
  /** A part of the start. */
  private interface Step {
    void run() throws IOException;
  }

  private final List<String> failures = new ArrayList<>();

  private StartCheck() {}

  /** Returns the reasons why a node can't start with a configuration; empty if it can. */
  static List<String> failures(ServerConfig config) {
    StartCheck check = new StartCheck();
    check.attempt(() -> HttpServer.requireAvailable(config.net().transport().resolve()));
    check.attemptSecurity(config.security());
    // The transport has been checked; that of the JDK is always available.
    check.attempt(() -> new PeerConnector(config.peers(), Transport.NIO).close());
    Path peersFile = config.peers().file();
    if (peersFile != null) {
      check.attempt(() -> PeerUrls.requireUsable(peersFile));
    }
    NativeClusterSettings cluster = config.cluster();
    if (cluster != null) {
      check.attempt(() -> JGroupsGroup.requireUsable(cluster.group()));
    }
    check.attempt(() -> Store.requireUsable(config.store()));
    return check.failures;
  }

  private void attemptSecurity(SecuritySettings settings) {
    attemptTls(settings.tls());
    TlsSettings management = settings.managementTls();
    if (management != null && !management.equals(settings.tls())) {
      attemptTls(management);
    }
    Path credentials = settings.credentials();
    if (credentials != null) {
      attempt(() -> new Authenticator(credentials, Clock.startingAtZero(), new Counters()).close());
    }
  }

  private void attemptTls(@Nullable TlsSettings settings) {
    if (settings != null) {
      attempt(() -> new ServerTls(settings).close());
    }
  }

  private void attempt(Step step) {
    try {
      step.run();
    } catch (IOException failure) {
      failures.add(String.valueOf(failure.getMessage()));
    }
  }
}
