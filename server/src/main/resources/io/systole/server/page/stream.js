// SPDX-License-Identifier: Apache-2.0

/*
 * An event stream of the node that reconnects: on errors, after silence, and when its page is shown
 * again. Browsers allow only six connections to a node for all their tabs and for pages kept
 * for the way back, so a page disconnects when it is left, and a hidden one after a minute or when
 * another page connects.
 *
 *   connecting --open--> live --error or silence--> lost --open--> live
 *   any --hidden--> paused --visible--> connecting
 */

const RETRY_MS = 2000;
const HIDDEN_MS = 60_000;

/** Reports to other pages of this node that one connects. */
const pages = new BroadcastChannel("systole.streams");

export class Stream {
  #url;
  #handlers;
  #onState;
  #silenceMs;
  #source = null;
  #retryTimer = 0;
  #hiddenTimer = 0;
  #silenceTimer = 0;
  #lastEventMs = Date.now();
  #abort = new AbortController();
  state = "connecting";
  /** Since when the state has been as it is, in epoch ms of this machine. */
  sinceMs = Date.now();

  /**
   * @param handlers functions of the parsed data by name of event
   * @param onState receives each state and, once lost, the reason of the node if it sent one
   * @param silenceMs the longest time between two events of a live stream, or 0 if there is none
   */
  constructor(url, handlers, onState = () => {}, silenceMs = 0) {
    this.#url = url;
    this.#handlers = handlers;
    this.#onState = onState;
    this.#silenceMs = silenceMs;
    document.addEventListener("visibilitychange", () => this.#visibilityChanged(),
      {signal: this.#abort.signal});
    pages.addEventListener("message", () => this.#yield(), {signal: this.#abort.signal});
    addEventListener("pagehide", () => this.#pause(), {signal: this.#abort.signal});
    addEventListener("pageshow", () => this.#resume(), {signal: this.#abort.signal});
    if (silenceMs > 0) {
      this.#silenceTimer = setInterval(() => this.#checkSilence(), 1000);
    }
    this.#open();
  }

  /** When the last event arrived, in epoch ms of this machine. */
  get lastEventMs() {
    return this.#lastEventMs;
  }

  close() {
    this.#abort.abort();
    clearTimeout(this.#hiddenTimer);
    clearInterval(this.#silenceTimer);
    this.#disconnect();
  }

  /** Connects again, whatever the state. */
  reopen() {
    this.#disconnect();
    this.#open();
  }

  #open() {
    pages.postMessage("connects");
    const source = this.#source = new EventSource(this.#url);
    for (const [name, handler] of Object.entries(this.#handlers)) {
      source.addEventListener(name, event => {
        this.#lastEventMs = Date.now();
        this.#become("live");
        handler(JSON.parse(event.data));
      });
    }
    source.addEventListener("error", () => {
      if (source !== this.#source) {
        return;
      }
      this.#become("lost");
      if (source.readyState === EventSource.CLOSED) {
        this.#retry();
      }
    });
  }

  #disconnect() {
    clearTimeout(this.#retryTimer);
    this.#source?.close();
    this.#source = null;
  }

  /** Requests the stream once without EventSource, which hides the reason of a refusal. */
  async #retry() {
    this.#disconnect();
    const attempt = new AbortController();
    try {
      const response = await fetch(new URL(this.#url, location.origin),
        {signal: attempt.signal, headers: {Accept: "text/event-stream"}});
      if (!response.ok) {
        const body = await response.json().catch(() => ({}));
        this.#become("lost", body.reason ?? `status ${response.status}`);
      }
    } catch {
      this.#become("lost");
    }
    attempt.abort();
    if (!this.#abort.signal.aborted && this.#source === null && this.state === "lost") {
      this.#retryTimer = setTimeout(() => this.#open(), RETRY_MS);
    }
  }

  #checkSilence() {
    const silentMs = Date.now() - this.#lastEventMs;
    if (this.state === "live" && silentMs > this.#silenceMs) {
      this.#become("lost");
      this.reopen();
    }
  }

  #visibilityChanged() {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) {
      this.#hiddenTimer = setTimeout(() => this.#pause(), HIDDEN_MS);
    } else {
      this.#resume();
    }
  }

  #yield() {
    if (document.hidden) {
      this.#pause();
    }
  }

  #pause() {
    this.#disconnect();
    this.#become("paused");
  }

  #resume() {
    if (this.state === "paused") {
      this.#become("connecting");
      this.#open();
    }
  }

  #become(state, reason = null) {
    if (state !== this.state || reason !== null) {
      this.sinceMs = state === this.state ? this.sinceMs : Date.now();
      this.state = state;
      this.#onState(state, reason);
    }
  }
}
