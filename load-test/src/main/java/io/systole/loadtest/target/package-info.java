// SPDX-License-Identifier: Apache-2.0
/** What can be known of the target from outside: its CPU time, and what it publishes of itself. */
@NullMarked
package io.systole.loadtest.target;

import org.jspecify.annotations.NullMarked;
