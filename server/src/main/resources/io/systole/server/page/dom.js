// SPDX-License-Identifier: Apache-2.0

/*
 * Elements. Everything on the page is made here from text nodes and properties; no markup is ever
 * parsed, so text of clients stays text.
 */

import {clock, duration, exact, safeUrl, visible} from "./format.js";

const LONG_TEXT_CHARS = 400;

let clockOffsetMs = 0;

/** Returns the node's time, as estimated from its last event, in epoch ms. */
export function nodeNow() {
  return Date.now() + clockOffsetMs;
}

/** Sets the node's time. Small differences are the network's and are ignored. */
export function setNodeNow(atMs) {
  const offsetMs = atMs - Date.now();
  if (Math.abs(offsetMs - clockOffsetMs) > 1500) {
    clockOffsetMs = Math.abs(offsetMs) > 1500 ? offsetMs : 0;
  }
}

/**
 * Creates an element.
 *
 * @param properties {@code class}, {@code on…} listeners, else attributes; null and false are
 *     omitted
 * @param children elements, text, or arrays of them; null is omitted
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value == null || value === false) {
      continue;
    }
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), value);
    } else {
      element.setAttribute(name === "className" ? "class" : name, value === true ? "" : value);
    }
  }
  element.append(...children.flat(Infinity).filter(child => child != null && child !== false));
  return element;
}

/** Sets the text of an element that has one text node, without work if it is unchanged. */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** Replaces the content of a place, but not while the focus or a selection is inside. */
export function refill(place, ...children) {
  const selection = getSelection();
  if (!place.contains(document.activeElement)
      && (selection.isCollapsed || !place.contains(selection.anchorNode))) {
    place.replaceChildren(...children);
  }
}

/** Returns text of a client on one line, isolated from the direction of its surroundings. */
export function bdi(text) {
  return h("bdi", {}, visible(text));
}

/** Returns a sentence that may contain text of clients. */
export function sentence(text) {
  return h("span", {dir: "auto", class: "sentence"}, visible(text));
}

/** Returns a time relative to now that stays current; the exact one is its title. */
export function ago(ms) {
  const element = h("time", {});
  setAgo(element, ms);
  return element;
}

export function setAgo(element, ms) {
  if (ms == null || ms <= 0) {
    delete element.dataset.ms;
    setText(element, "–");
  } else if (element.dataset.ms !== String(ms)) {
    element.dataset.ms = ms;
    element.dateTime = new Date(ms).toISOString();
    element.title = exact(ms);
    refresh(element);
  }
}

function refresh(element) {
  const ms = Number(element.dataset.ms);
  const age = nodeNow() - ms;
  const text = element.dataset.form === "clock" ? clock(ms)
    : age >= 1000 ? `${duration(age)} ago`
    : age > -1000 ? "now"
    : `in ${duration(-age)}`;
  setText(element, text);
}

/** Keeps all relative times of the document current. */
export function startClock() {
  setInterval(() => {
    if (!document.hidden) {
      document.querySelectorAll("time[data-ms]").forEach(refresh);
    }
  }, 1000);
}

export function at(ms) {
  const element = h("time", {"data-form": "clock"});
  setAgo(element, ms);
  return element;
}

/** Returns a status by its name and colour. */
export function status(name) {
  return h("span", {class: "status", "data-status": name}, visible(name));
}

export function setStatus(element, name) {
  element.className = "status";
  element.dataset.status = name;
  setText(element, visible(name));
}

/**
 * Returns a value of any length: a long one is truncated until all of it is requested.
 *
 * @param isUrl whether it becomes a link if it is a URL of HTTP
 */
export function value(text, isUrl = false) {
  const whole = String(text);
  const href = isUrl ? safeUrl(whole) : null;
  if (href && whole.length <= LONG_TEXT_CHARS) {
    return h("a", {href, rel: "noopener noreferrer", target: "_blank"}, bdi(whole));
  }
  if (whole.length <= LONG_TEXT_CHARS) {
    return bdi(whole);
  }
  const shown = bdi(whole.slice(0, LONG_TEXT_CHARS) + "…");
  const button = h("button", {
    type: "button", class: "link",
    onclick: () => {
      shown.textContent = visible(whole);
      shown.className = "whole";
      shown.tabIndex = -1;
      shown.focus();
      button.remove();
    },
  }, `Show all ${whole.length.toLocaleString("en-US")} characters`);
  return h("span", {class: "long"}, shown, " ", button);
}

/** Returns a list of terms and values; entries are pairs, and null ones are omitted. */
export function terms(entries, className = "terms") {
  return h("dl", {class: className}, entries.filter(Boolean).map(([term, ...values]) =>
    h("div", {}, h("dt", {}, term), h("dd", {}, values))));
}

/** Returns a section with a heading, and tools at its end. */
export function panel(title, tools, ...children) {
  const id = "h" + (panel.count = (panel.count ?? 0) + 1);
  return h("section", {class: "panel", "aria-labelledby": id},
    h("div", {class: "heading"}, h("h2", {id}, title), h("span", {class: "tools"}, tools)),
    children);
}

/** Reports a change of state to screen readers. */
export function announce(text) {
  const region = document.getElementById("announcements");
  region.textContent = "";
  requestAnimationFrame(() => region.textContent = text);
}
