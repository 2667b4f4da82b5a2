// SPDX-License-Identifier: Apache-2.0
/** Tests of clusters of nodes and unmodified stock servers, each in a separate process. */
@NullMarked
package io.systole.server.cluster;

import org.jspecify.annotations.NullMarked;
