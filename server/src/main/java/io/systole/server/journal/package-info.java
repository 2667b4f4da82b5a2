// SPDX-License-Identifier: Apache-2.0
/**
 * The {@code systole journal} command: prints the contents of a data directory as text or JSON.
 * Read-only, so the node that owns the directory may be running.
 */
@NullMarked
package io.systole.server.journal;

import org.jspecify.annotations.NullMarked;
