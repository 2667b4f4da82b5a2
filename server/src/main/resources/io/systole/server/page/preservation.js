// SPDX-License-Identifier: Apache-2.0

/*
 * Self-preservation: the renewals counted and required, how the requirement is computed, and what
 * would end the protection.
 */

import {curlButton} from "./api.js";
import {h, panel, sentence, setText, terms} from "./dom.js";
import {count, counted, percent} from "./format.js";

export class SelfPreservation {
  #summary = h("p", {class: "lead"});
  #meter = h("meter", {min: "0", "aria-label": "Renewals of the last whole minute"});
  #details = h("div");
  #shown = "";

  constructor() {
    this.element = panel("Self-preservation", curlButton("/systole/self-preservation"),
      this.#summary, this.#meter, this.#details);
    this.element.classList.add("preservation");
  }

  update({selfPreservation: state, protectedByRule = {}}) {
    const shown = JSON.stringify([state, protectedByRule]);
    if (!state || shown === this.#shown) {
      return;
    }
    this.#shown = shown;
    this.#summary.replaceChildren(sentence(state.summary));
    this.#summary.hidden = state.isActive; // then it is among the problems above
    const {renewalsObserved, renewalsExpected, renewalsThreshold} = state;
    this.#meter.hidden = !(renewalsExpected > 0);
    this.#meter.max = Math.max(renewalsExpected, renewalsObserved, 1);
    this.#meter.low = renewalsThreshold;
    this.#meter.high = renewalsThreshold;
    this.#meter.optimum = this.#meter.max;
    this.#meter.value = renewalsObserved;
    setText(this.#meter, `${count(renewalsObserved)} of ${count(renewalsExpected)}`);
    this.element.classList.toggle("isActive", state.isActive);
    const rules = Object.entries(protectedByRule).filter(([, leases]) => leases > 0);
    this.#details.replaceChildren(terms([
      ["State", h("b", {},
        !state.isEnabled ? "disabled" : state.isActive ? "active" : "not active")],
      ["Renewals in the last minute", count(renewalsObserved)],
      ["Required", `more than ${count(renewalsThreshold)}: ${percent(state.renewalShare)} of `
        + `${count(Math.round(renewalsExpected))} expected`],
      ["Difference", difference(state)],
      state.isActive && ["Would end it", endings(state)],
      ["Protected by rule", rules.length === 0 ? "no lease"
        : rules.map(([rule, leases]) => `${rule}: ${counted(leases, "lease")}`).join(", ")],
    ]));
  }
}

function difference({isActive, renewalsObserved, renewalsThreshold, renewalsMissing}) {
  if (renewalsObserved > renewalsThreshold) {
    return `${count(renewalsObserved - renewalsThreshold)} above the threshold`;
  }
  return isActive && renewalsMissing > 0 ? `${counted(renewalsMissing, "renewal")} missing`
    : isActive ? "no number of renewals is enough, since none is expected"
    : "not counted for a whole minute with leases yet";
}

function endings({renewalsMissing, releasedByShare}) {
  const all = [];
  if (renewalsMissing > 0) {
    all.push(`${counted(renewalsMissing, "more renewal", "more renewals")} a minute`);
  }
  if (releasedByShare > 0) {
    // Rounded down, since a higher share would not end it.
    const share = (Math.floor(releasedByShare * 10_000) / 10_000).toFixed(4);
    all.push(h("code", {}, `--renewal-share ${share}`));
  }
  all.push("an operator who evicts the expired instances");
  return all.flatMap((each, i) => i === 0 ? [each] : [i === all.length - 1 ? ", or " : ", ", each]);
}
