// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

/**
 * An option that is not at its default.
 *
 * @param name the flag, e.g. {@code --port}
 * @param value in the notation of the command line, without credentials
 * @param source the flag, variable or key in a file that sets it
 */
public record SetOption(String name, String value, String source) {}
