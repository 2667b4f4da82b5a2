// SPDX-License-Identifier: Apache-2.0
/**
 * The formats of the log: lines of text, by the pattern in {@code logback.xml}, or JSON. Only
 * Logback and Jackson. Which is used, and the level, are options of the node.
 */
@NullMarked
package io.systole.server.log;

import org.jspecify.annotations.NullMarked;
