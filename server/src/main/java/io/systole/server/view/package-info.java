// SPDX-License-Identifier: Apache-2.0
/**
 * Answers made ahead: what many readers ask for, encoded once a change and handed out as bytes.
 * Knows the registry and the codecs; not who asks, nor how the bytes travel.
 */
@NullMarked
package io.systole.server.view;

import org.jspecify.annotations.NullMarked;
