// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import org.jspecify.annotations.Nullable;

/**
 * The refused requests of one source and sender for one reason.
 *
 * @param source an IPv4 address, or the prefix of an IPv6 address
 * @param principal the name of the sender, or the one that it gave; null for none. Not escaped
 * @param reason as in the metric
 * @param count of the requests
 * @param lastMs the time of the last one, epoch ms
 * @param request method and undecoded path of one of them
 */
public record Refusal(
    String source,
    @Nullable String principal,
    String reason,
    long count,
    long lastMs,
    String request) {}
