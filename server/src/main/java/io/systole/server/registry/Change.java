// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;

/**
 * One change of the registry, in the one order of all changes.
 *
 * @param version its place in that order, from 1
 * @param atNs monotonic time
 * @param document the instance as it was after the change; its action type names the change
 */
record Change(long version, long atNs, InstanceInfo document) {}
