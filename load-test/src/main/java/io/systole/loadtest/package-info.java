// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.systole.loadtest;

import org.jspecify.annotations.NullMarked;
