// SPDX-License-Identifier: Apache-2.0
/**
 * A cache of encoded documents, at the cost of what changed. {@code ReadModel} follows the
 * registry's change log; its instances are in blocks, which are encoded and compressed into
 * segments on request, and a {@code CachedRepresentation} concatenates segments.
 * {@code ResponseCache} runs the one thread of all this. Depends on the registry and the codecs;
 * independent of endpoints and connections.
 */
@NullMarked
package io.systole.server.responsecache;

import org.jspecify.annotations.NullMarked;
