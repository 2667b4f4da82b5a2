// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import io.systole.server.cluster.NativeClusterSettings;
import io.systole.server.events.EventSettings;
import io.systole.server.eviction.EvictionSettings;
import io.systole.server.monitoring.OtlpSettings;
import io.systole.server.net.NetSettings;
import io.systole.server.peer.PeerSettings;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.store.StoreSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The validated configuration of a node.
 *
 * @param cluster null for no native cluster
 * @param otlp null for no export of metrics
 * @param basePaths base paths of the protocol
 * @param security TLS of the node's addresses, and credentials
 * @param events bounds of streams and polls
 * @param isDeltaDisabled whether delta requests are refused
 * @param waitWhenEmptyMs how long after the start reads are refused if no lease was restored
 * @param waitAfterRestoreMs how long after the start reads are refused if leases were restored
 * @param lameDuckMs how long a stopping node serves and announces {@code Connection: close}
 * @param drainTimeoutMs how long a stopping node may take to complete requests that it has read
 * @param isManaged whether operators may change leases and the log level over HTTP
 * @param isSimulationServed whether simulations are served too
 */
public record ServerConfig(
    NetSettings net,
    SecuritySettings security,
    RegistrySettings registry,
    EventSettings events,
    EvictionSettings eviction,
    StoreSettings store,
    PeerSettings peers,
    @Nullable NativeClusterSettings cluster,
    @Nullable OtlpSettings otlp,
    List<String> basePaths,
    boolean isDeltaDisabled,
    long waitWhenEmptyMs,
    long waitAfterRestoreMs,
    long lameDuckMs,
    long drainTimeoutMs,
    boolean isManaged,
    boolean isSimulationServed) {}
