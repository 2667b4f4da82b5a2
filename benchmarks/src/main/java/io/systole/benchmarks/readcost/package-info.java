// SPDX-License-Identifier: Apache-2.0
/**
 * What reading the registry costs, seen from outside: a server is started, filled over HTTP, and
 * asked for everything after every change. Nothing here knows how a server makes its answers; it
 * sends requests, checks each answer, and reads CPU time and memory of the process from outside.
 */
@NullMarked
package io.systole.benchmarks.readcost;

import org.jspecify.annotations.NullMarked;
