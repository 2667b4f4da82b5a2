// SPDX-License-Identifier: Apache-2.0
/**
 * Answers made ahead: what many readers ask for, at the cost of what changed. A {@code Model} reads
 * the registry's change log; its instances lie in blocks, which are encoded and compressed into
 * pieces when somebody asks, and an {@code CachedRepresentation} strings pieces together.
 * {@code Views} runs the one thread of all this. Knows the registry and the codecs; not who asks,
 * nor how the bytes travel.
 */
@NullMarked
package io.systole.server.responsecache;

import org.jspecify.annotations.NullMarked;
