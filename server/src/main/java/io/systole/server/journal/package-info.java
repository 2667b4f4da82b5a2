// SPDX-License-Identifier: Apache-2.0
/**
 * {@code systole journal}: tells what a data directory knows, in words or JSON. Reads the store's
 * files and writes nothing to them, so a running node's directory may be asked as well.
 */
@NullMarked
package io.systole.server.journal;

import org.jspecify.annotations.NullMarked;
