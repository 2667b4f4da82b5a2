// SPDX-License-Identifier: Apache-2.0
/**
 * The domain model of Eureka: instances, applications, leases and replication items, as immutable
 * values.
 *
 * <p>{@code codec} converts documents to and from these values. Nothing here depends on encodings,
 * HTTP or threads, and only the JDK may be imported. Values contain well-formed text only (no lone
 * surrogates), so every value can be encoded.
 */
@NullMarked
package io.systole.protocol.model;

import org.jspecify.annotations.NullMarked;
