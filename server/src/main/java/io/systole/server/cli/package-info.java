// SPDX-License-Identifier: Apache-2.0
/**
 * The command line of operators: subcommands that request documents from the management endpoints
 * of a node, over HTTP, and print them as text. The node writes the sentences. Text from a node is
 * escaped in {@link io.systole.server.cli.TextTable} and {@link io.systole.server.cli.WrappedText};
 * nothing else prints it. Starts no node and reads no registry.
 */
@NullMarked
package io.systole.server.cli;

import org.jspecify.annotations.NullMarked;
