// SPDX-License-Identifier: Apache-2.0
/**
 * The archives that the build packs, for tests of the modules that make them: unpacked into a
 * folder and run as an operator does, without Maven.
 */
@NullMarked
package io.systole.client.archive;

import org.jspecify.annotations.NullMarked;
