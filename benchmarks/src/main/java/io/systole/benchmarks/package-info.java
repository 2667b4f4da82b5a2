// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.systole.benchmarks;

import org.jspecify.annotations.NullMarked;
