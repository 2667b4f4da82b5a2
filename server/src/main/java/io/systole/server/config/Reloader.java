// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import io.systole.client.net.ReloadCounts;
import io.systole.server.config.Settings.Setting;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies a changed configuration to a running node, all of it or nothing. Options that require a
 * restart keep the values that the node was started with. Any thread may call.
 */
public final class Reloader {
  private static final Logger LOG = LoggerFactory.getLogger(Reloader.class);

  private final Supplier<LoadedConfig> loader;
  private final ReloadListener listener;
  private final Consumer<String> onLogLevel;
  private final ReloadCounts counts;

  /** A node without peers does not record renewals for them, so it can't get any. */
  private final boolean hasPeers;

  /** Guarded by this. */
  private Settings running;

  /**
   * @param started the configuration of the running node
   * @param loader reads the configuration again
   * @param listener applies it to the node
   * @param onLogLevel receives the name of a changed log level
   * @param counts receives the outcome of each reload
   */
  public Reloader(
      LoadedConfig started,
      Supplier<LoadedConfig> loader,
      ReloadListener listener,
      Consumer<String> onLogLevel,
      ReloadCounts counts) {
    this.counts = counts;
    this.running = started.settings();
    this.hasPeers = started.server().peers().hasPeers();
    this.loader = loader;
    this.listener = listener;
    this.onLogLevel = onLogLevel;
  }

  /** Reads the configuration and applies it, or logs the reason why not. */
  public synchronized void reload() {
    try {
      LoadedConfig next = loader.get();
      Settings merged = running.with(next.settings(), this::isApplied);
      Runnable apply = listener.prepare(ConfigParser.build(merged));
      next.notices().forEach(notice -> LOG.warn("configuration: {}", notice));
      apply.run();
      // Afterwards, so that whoever waits for the line finds the new values in force.
      report(next.settings());
      String level = merged.of(NodeOptions.LOG_LEVEL).text();
      if (!level.equals(running.of(NodeOptions.LOG_LEVEL).text())) {
        onLogLevel.accept(level);
      }
      running = merged;
      counts.countApplied();
    } catch (InvalidOptionException invalid) {
      counts.countFailed();
      invalid.errors().forEach(error -> LOG.error("configuration not reloaded: {}", error));
    } catch (IOException unusable) {
      counts.countFailed();
      LOG.error("configuration not reloaded: {}", unusable.getMessage());
    }
  }

  /** Returns the options in force that are not at their default, without credentials. */
  public synchronized List<SetOption> setOptions() {
    return running.set();
  }

  /** Returns the configuration in force as a file, with the source of each value. */
  public synchronized String toYaml() {
    return running.toYaml();
  }

  private boolean isApplied(Setting<?> next) {
    Option<?> option = next.option();
    return option.isReloadable() && (hasPeers || !option.equals(PeerOptions.PEERS));
  }

  private void report(Settings next) {
    List<String> changed = new ArrayList<>();
    for (Setting<?> setting : next.all()) {
      Setting<?> before = running.of(setting.option());
      if (setting.value().equals(before.value())) {
        continue;
      }
      String change = setting.option().name() + ": " + before.text() + " -> " + setting.text();
      if (isApplied(setting)) {
        changed.add(change);
      } else {
        LOG.warn("restart required to change {}", change);
      }
    }
    LOG.info("configuration reloaded changed={}", changed);
  }
}
