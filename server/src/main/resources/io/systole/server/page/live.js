// SPDX-License-Identifier: Apache-2.0

/*
 * The state of the node as its event stream reports it. Views subscribe to its parts and are
 * notified at most once per frame, and not at all while the page is hidden.
 */

import {setNodeNow} from "./dom.js";
import {Stream} from "./stream.js";

const POINTS_MAX = 900;
const RECENT_MAX = 500;
const GAP_MS = 3500;
const SILENCE_MS = 8000;

export const KINDS = ["registered", "cancelled", "evicted", "extended"];

export class Live {
  node = null;
  tick = null;
  /**
   * Rows by name: [name, instances, UP, DOWN, STARTING, OUT_OF_SERVICE, UNKNOWN, expired,
   * protected].
   */
  applications = new Map();
  areApplicationsComplete = false;
  /** Events by kind, newest first. */
  recent = Object.fromEntries(KINDS.map(kind => [kind, []]));
  recentDropped = 0;
  /** Columns of the plots: epoch seconds, renewals/s, lateness p50 and p99 in ms. */
  points = {at: [], renewals: [], p50: [], p99: []};
  reason = null;
  #received = new Map();
  #stream;
  #listeners = new Set();
  #changed = new Set();
  #isScheduled = false;

  connect() {
    this.#stream = new Stream("/systole/stream", {
      node: data => this.#setNode(data),
      applications: data => this.#setApplications(data),
      tick: data => this.#setTick(data),
      recent: data => this.#addRecent(data),
    }, (state, reason) => {
      this.reason = state === "lost" ? reason ?? this.reason : null;
      this.#notify("connection");
    }, SILENCE_MS);
  }

  get state() {
    return this.#stream.state;
  }

  get stateSinceMs() {
    return this.#stream.sinceMs;
  }

  get lastEventMs() {
    return this.#stream.lastEventMs;
  }

  /**
   * Subscribes to changes of parts: node, tick, applications, recent, connection.
   *
   * @param listener receives the set of changed parts
   */
  on(parts, listener, signal) {
    const entry = {parts, listener};
    this.#listeners.add(entry);
    signal?.addEventListener("abort", () => this.#listeners.delete(entry));
  }

  #setNode(data) {
    const isRestarted = this.node !== null && this.node.startedAtMs !== data.startedAtMs;
    this.node = data;
    if (isRestarted) {
      KINDS.forEach(kind => this.recent[kind] = []);
    }
    this.#notify("node");
  }

  /** Collects the chunks of a whole list apart, so that the shown one is never incomplete. */
  #setApplications({reset, more, rows}) {
    if (reset) {
      this.#received = new Map();
      this.areApplicationsComplete = false;
    }
    const target = this.areApplicationsComplete ? this.applications : this.#received;
    for (const row of rows) {
      if (row[1] === 0) {
        target.delete(row[0]);
      } else {
        target.set(row[0], row);
      }
    }
    if (!this.areApplicationsComplete && !more) {
      this.applications = this.#received;
      this.areApplicationsComplete = true;
    }
    this.#notify("applications");
  }

  #setTick(data) {
    setNodeNow(data.atMs);
    const {at, renewals, p50, p99} = this.points;
    if (at.length > 0 && data.atMs - at.at(-1) * 1000 > GAP_MS) {
      this.#addPoint((data.atMs - 1000) / 1000, null, null, null);
    }
    if (at.length === 0 || data.atMs > at.at(-1) * 1000) {
      this.#addPoint(data.atMs / 1000, data.renewalsPerSecond,
        data.delayP50Ms ?? null, data.delayP99Ms ?? null);
    }
    this.tick = data;
    this.#notify("tick");
  }

  #addPoint(...values) {
    Object.values(this.points).forEach((column, i) => {
      column.push(values[i]);
      if (column.length > POINTS_MAX) {
        column.splice(0, column.length - POINTS_MAX);
      }
    });
  }

  /** Adds events; those sent again after a reconnection are already known. */
  #addRecent({dropped, events}) {
    this.recentDropped += dropped ?? 0;
    for (const event of events) {
      const list = this.recent[event.kind];
      if (list && !list.some(known => known.atMs === event.atMs && known.id === event.id
          && known.app === event.app)) {
        const index = list.findIndex(known => known.atMs <= event.atMs);
        list.splice(index < 0 ? list.length : index, 0, event);
        list.length = Math.min(list.length, RECENT_MAX);
      }
    }
    this.#notify("recent");
  }

  #notify(part) {
    this.#changed.add(part);
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      requestAnimationFrame(() => this.#flush());
    }
  }

  #flush() {
    this.#isScheduled = false;
    const changed = this.#changed;
    this.#changed = new Set();
    for (const {parts, listener} of [...this.#listeners]) {
      if (parts.some(part => changed.has(part))) {
        listener(changed);
      }
    }
  }
}
