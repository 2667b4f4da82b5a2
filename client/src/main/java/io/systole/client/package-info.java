// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.systole.client;

import org.jspecify.annotations.NullMarked;
