// SPDX-License-Identifier: Apache-2.0
// Measurements with limits, and bounded waits.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * The factor by which a time may exceed its limit: a machine that builds other things at the same
 * time has a fraction of its cores for the browser, the node and the load test. It applies to times
 * and rates only.
 */
export const SLACK = Number(process.env.PAGE_SLACK ?? (process.env.CI ? 5 : 1));

const WAIT_MS = 30_000;
const POLL_MS = 50;

/** Prints a time and requires it to be at most the limit. */
export function atMost(name, valueMs, limitMs) {
  console.log(`${name}: ${valueMs.toFixed(1)} ms (limit ${limitMs} ms${slackText()})`);
  assert.ok(valueMs <= limitMs * SLACK, `${name}: ${valueMs} ms exceed ${limitMs * SLACK} ms`);
}

/** Prints a rate and requires it to be at least the limit. */
export function atLeast(name, value, limit, unit) {
  console.log(`${name}: ${value.toFixed(1)} ${unit} (limit ${limit} ${unit}${slackText()})`);
  assert.ok(value >= limit / SLACK, `${name}: ${value} ${unit} are below ${limit / SLACK}`);
}

function slackText() {
  return SLACK === 1 ? '' : `, factor ${SLACK}`;
}

/** Returns the first result that is not false, null or undefined. */
export async function eventually(probe, what, waitMs = WAIT_MS) {
  const end = performance.now() + waitMs;
  for (;;) {
    const result = await probe();
    if (result) return result;
    assert.ok(performance.now() < end, `not within ${waitMs} ms: ${what}`);
    await pause(POLL_MS);
  }
}

/** Requires two texts to become equal; both are read again until then. */
export async function eventuallyEqual(actual, expected, what, waitMs = WAIT_MS) {
  const end = performance.now() + waitMs;
  for (;;) {
    const [is, shall] = [await actual(), await expected()];
    if (is === shall) {
      console.log(`${what}: ${is}`);
      return;
    }
    if (performance.now() >= end) assert.equal(is, shall, what);
    await pause(POLL_MS);
  }
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
