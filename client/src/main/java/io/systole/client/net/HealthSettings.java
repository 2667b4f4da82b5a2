// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

/**
 * When a server counts as failed, and for how long; checked by the client's configuration.
 *
 * @param overdueMax connections in a row that ended for an overdue answer
 * @param refusalsMax read cycles in a row that ended with an answer that refuses
 * @param reconnectMinMs first wait before a failed server is tried again
 * @param reconnectMaxMs longest such wait
 * @param returnMs how long a failed server of a better zone is left alone; 0 never returns
 * @param retryAfterMsMax longest wait that a server may ask for; 0 obeys none
 */
public record HealthSettings(
    int overdueMax,
    int refusalsMax,
    long reconnectMinMs,
    long reconnectMaxMs,
    long returnMs,
    long retryAfterMsMax) {}
