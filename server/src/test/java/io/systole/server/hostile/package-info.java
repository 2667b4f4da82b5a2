// SPDX-License-Identifier: Apache-2.0
/**
 * A node in a process of its own under many attacks at once, while a fleet renews and registers.
 * {@code NodeUnderAttack} is the test, run by the profile {@code hostile}; {@code Fleet} holds what
 * the node acknowledged and checks it; each {@link io.systole.server.hostile.Attack} is one kind of
 * hostile traffic with a bounded pace.
 */
@NullMarked
package io.systole.server.hostile;

import org.jspecify.annotations.NullMarked;
