// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Change;
import java.util.List;

/**
 * Instances as of one moment, for who goes on from there by what changes.
 *
 * @param at the last change that they show; what follows it is not in them
 * @param instances in any order
 */
public record ReadSnapshot(Change at, List<InstanceInfo> instances) {}
