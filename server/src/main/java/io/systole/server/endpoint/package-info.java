// SPDX-License-Identifier: Apache-2.0
/**
 * Request handlers, one class per resource, between HTTP and the registry. They return responses;
 * ordering and framing belong to {@code net}.
 */
@NullMarked
package io.systole.server.endpoint;

import org.jspecify.annotations.NullMarked;
