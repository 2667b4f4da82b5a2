// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.systole.server;

import org.jspecify.annotations.NullMarked;
