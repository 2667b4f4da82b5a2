// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Change;
import java.util.List;

/**
 * A set of instances as of one change, from which a reader can follow the log.
 *
 * @param at last change that the instances reflect
 * @param instances in any order
 */
public record ReadSnapshot(Change at, List<InstanceInfo> instances) {}
