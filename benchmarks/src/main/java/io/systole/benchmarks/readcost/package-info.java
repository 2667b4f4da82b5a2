// SPDX-License-Identifier: Apache-2.0
/**
 * The cost of reading the registry, measured from outside. A server is started, filled over HTTP
 * and read after every change. This package sends requests, checks each response, and reads the CPU
 * time and memory of the process.
 */
@NullMarked
package io.systole.benchmarks.readcost;

import org.jspecify.annotations.NullMarked;
