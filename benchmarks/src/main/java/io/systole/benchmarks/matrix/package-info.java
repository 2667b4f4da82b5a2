// SPDX-License-Identifier: Apache-2.0
/**
 * Whole servers loaded by a generator in C over loopback, side by side: the CPU time of a heartbeat
 * and its latency by connections, requests in flight and pace, between the cheapest server there
 * can be and the Spring Cloud Eureka server. This package compiles and starts programs; the sources
 * of those in C are in {@code src/main/c}.
 */
@NullMarked
package io.systole.benchmarks.matrix;

import org.jspecify.annotations.NullMarked;
