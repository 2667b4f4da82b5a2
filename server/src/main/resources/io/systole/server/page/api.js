// SPDX-License-Identifier: Apache-2.0

/*
 * Requests to the management endpoints of the node, and the curl commands that equal them.
 */

import {announce, h} from "./dom.js";
import {segment, shellQuoted, visible} from "./format.js";

const TIMEOUT_MS = 20_000;
const REFRESH_MS = 2000;
const TOAST_MS = 4000;

/** A request that failed, with the reason that the node gave. */
export class RequestError extends Error {
  constructor(reason, code) {
    super(reason);
    this.code = code;
  }
}

/**
 * Returns the path of an endpoint, such as {@code path("explain", app, id)}.
 *
 * @throws RequestError if a name cannot be part of a URL
 */
export function path(...names) {
  const segments = names.map(segment);
  const unusable = segments.indexOf(null);
  if (unusable >= 0) {
    throw new RequestError(`“${visible(names[unusable])}” cannot be part of the path of a URL, `
      + "so that no management endpoint can address it.", 0);
  }
  return "/systole/" + segments.join("/");
}

/** Returns the hash of a view, or null if a name cannot be part of a URL. */
export function hash(...names) {
  try {
    return "#/" + names.map(name => encodeURIComponent(name)).join("/");
  } catch {
    return null;
  }
}

/** Returns the JSON of a response, or null of one without a body. */
export async function request(method, url, signal) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response;
  try {
    // Not relative: the page may have been opened with credentials in its URL.
    response = await fetch(new URL(url, location.origin), {
      method, cache: "no-store", headers: {Accept: "application/json"},
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }
    throw new RequestError(timeout.aborted
      ? `The node did not respond within ${TIMEOUT_MS / 1000} s.`
      : "The node cannot be reached.", 0);
  }
  const text = await response.text();
  let body = null;
  try {
    body = text === "" ? null : JSON.parse(text);
  } catch {
    // Not the node: a proxy may respond with HTML.
  }
  if (!response.ok) {
    throw new RequestError(body?.reason ?? reason(method, response.status), response.status);
  }
  return body;
}

/** Returns the reason of a refusal without a body. */
function reason(method, code) {
  switch (code) {
    case 401: return "The node requires credentials, or does not accept those of the browser.";
    case 403: return `The credentials lack the role ${method === "GET" ? "read" : "manage"}.`;
    case 503: return "The node has too much to do at the moment. Try again.";
    default: return `The response has status ${code}.`;
  }
}

/**
 * Runs a task now and again until the view is left, as long as the page is visible.
 *
 * @param failed receives the error of a run, and returns true if the task shall not run again
 * @return runs the task at once, and again if it had stopped
 */
export function repeat(task, failed, signal) {
  let timer = 0;
  const run = async () => {
    let isStopped = false;
    clearTimeout(timer);
    try {
      if (!document.hidden) {
        await task();
      }
    } catch (error) {
      if (!signal.aborted) {
        isStopped = failed(error) === true;
      }
    }
    clearTimeout(timer);
    if (!signal.aborted && !isStopped) {
      timer = setTimeout(run, REFRESH_MS);
    }
  };
  signal.addEventListener("abort", () => clearTimeout(timer));
  run();
  return run;
}

export function curl(method, url) {
  const option = method === "GET" ? "" : `-X ${method} `;
  return `curl ${option}${shellQuoted(location.origin + url)}`;
}

/** Returns a button that copies the command for what is shown beside it. */
export function curlButton(url, method = "GET") {
  const command = () => curl(method, typeof url === "function" ? url() : url);
  return h("button", {
    type: "button", class: "quiet copy", title: "Copy the curl command for what is shown here",
    onclick: event => copy(command(), event.currentTarget),
  }, "Copy curl");
}

/** Copies the text and shows it; without permission to copy, it is shown for selection. */
export async function copy(text, button) {
  let isCopied = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    isCopied = copyFromSelection(text, button.closest("dialog") ?? document.body);
  }
  toast(isCopied ? "Copied" : "Copy this command", text, isCopied ? TOAST_MS : 4 * TOAST_MS);
  button.focus();
}

/** The clipboard of pages that aren't served over TLS. */
function copyFromSelection(text, parent) {
  const area = h("textarea", {class: "hidden", "aria-hidden": "true"});
  area.value = text;
  parent.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  return isCopied;
}

let toastTimer = 0;

function toast(title, text, shownMs) {
  const element = document.getElementById("toast");
  element.replaceChildren(h("b", {}, title), " ", h("code", {}, text));
  element.hidePopover();
  element.showPopover();
  announce(title);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => element.hidePopover(), shownMs);
}
