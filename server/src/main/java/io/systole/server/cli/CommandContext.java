// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import java.util.Map;

/** The surroundings of a command: environment variables, and the terminal. */
record CommandContext(Map<String, String> environment, Terminal terminal) {}
