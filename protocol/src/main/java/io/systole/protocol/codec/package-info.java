// SPDX-License-Identifier: Apache-2.0
/**
 * Documents as bytes, and the values of {@code model} (spec §6): what clients and peers send is
 * read here, what they are served is written here.
 *
 * <p>JSON is streamed by Jackson, XML is read by StAX and written by hand, because no library
 * writes it byte for byte as the reference does. Nothing here knows of HTTP, registries or threads;
 * a codec may be used by any number of threads at once, for it holds no more than its factory and
 * text seen before.
 */
@NullMarked
package io.systole.protocol.codec;

import org.jspecify.annotations.NullMarked;
