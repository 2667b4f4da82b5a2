// SPDX-License-Identifier: Apache-2.0
/**
 * The values of the domain: instances, their leases and data centers, as immutable data.
 *
 * <p>Documents become these values in {@code codec}; the registry holds them, views write them out
 * again. Nothing here knows of bytes, HTTP or threads, and only the JDK may be imported. A value
 * holds well-formed text only (no lone surrogate), so that every value can be encoded.
 */
@NullMarked
package io.systole.protocol.model;

import org.jspecify.annotations.NullMarked;
