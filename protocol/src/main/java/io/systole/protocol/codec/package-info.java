// SPDX-License-Identifier: Apache-2.0
/**
 * Encoding and decoding of the values of {@code model} as JSON and XML documents (spec §6).
 *
 * <p>JSON uses the streaming API of Jackson. XML is read by StAX and written without a library,
 * because none writes it byte for byte as the reference does. Nothing here depends on HTTP or on
 * the registry. Codecs are thread-safe; their only shared state is a parser factory and a cache of
 * strings.
 */
@NullMarked
package io.systole.protocol.codec;

import org.jspecify.annotations.NullMarked;
