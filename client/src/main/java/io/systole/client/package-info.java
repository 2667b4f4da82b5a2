// SPDX-License-Identifier: Apache-2.0
/**
 * Keeps many instances alive over few connections: the public face, its options, and the event loop
 * that ties the rooms below together.
 *
 * <p>Instances come from the caller; when they are due comes from {@code beat}; bytes go to and
 * come from the server through {@code net}. Nothing here knows the layout of a frame or of an
 * answer.
 */
@NullMarked
package io.systole.client;

import org.jspecify.annotations.NullMarked;
