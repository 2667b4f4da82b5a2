// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.time.Clock;
import io.systole.server.registry.Registry;

/** The objects and settings that all links of a node share. */
record LinkEnvironment(
    Registry registry,
    Clock clock,
    PeerConnector connector,
    PeerThreads threads,
    ComparisonQueue comparisons,
    LinkTimings timings) {}
