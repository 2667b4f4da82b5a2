// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import java.util.Map;

/** The environment variables and the terminal of a command. */
record CommandContext(Map<String, String> environment, Terminal terminal) {}
