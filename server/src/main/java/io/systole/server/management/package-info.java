// SPDX-License-Identifier: Apache-2.0
/**
 * What an operator asks and does: why is an instance still there, why did it go, what holds the
 * others, what if; and evictions and extends by hand. JSON over HTTP, beside the protocol. Others
 * decide; this room asks them and puts their numbers into words.
 */
@NullMarked
package io.systole.server.management;

import org.jspecify.annotations.NullMarked;
