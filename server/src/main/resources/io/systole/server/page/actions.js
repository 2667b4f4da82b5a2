// SPDX-License-Identifier: Apache-2.0

/*
 * What an operator can do to an instance or an application, each behind a dialog that states the
 * consequences and reports the outcome.
 */

import {copy, curl, path, request} from "./api.js";
import {bdi, h, sentence, status} from "./dom.js";
import {counted, duration} from "./format.js";

const OVERRIDES = ["OUT_OF_SERVICE", "DOWN", "UP", "STARTING"];

/**
 * Returns the buttons of the actions on a target.
 *
 * @param target {@code app}, and {@code id} or {@code instances()}; {@code hasOverride},
 *     {@code intervalSecs}, {@code durationSecs} if known; {@code done()}, if any, runs after each
 *     action
 */
export function actionButtons(target) {
  const button = (label, action, className) => h("button", {
    type: "button", class: className, onclick: () => open(action, target),
  }, label);
  return [
    button("Set override…", OVERRIDE),
    target.hasOverride !== false && button("Remove override…", REMOVE_OVERRIDE),
    button("Extend lease…", EXTEND),
    button("Evict…", EVICT, "danger"),
  ].filter(Boolean);
}

const OVERRIDE = {
  title: "Set a status override",
  method: "PUT",
  isOverride: true,
  url: target => pathOf("override", target),
  button: (target, chosen) => `Set ${chosen}`,
  consequences: (target, chosen) => [
    [target.id === undefined
      ? `Clients will see all ${counted(target.instances(), "instance")} as `
      : "Clients will see the instance as ", status(chosen), " after their next fetch, within 30 s "
      + "by default."],
    chosen !== "DOWN" && chosen !== "STARTING"
      && ["An instance that registers again as DOWN or STARTING is shown so until it reports UP."],
    ["The override lasts until it is removed, and is replicated to the peers. Setting it also "
      + "renews the lease once."],
  ],
  outcome: (target, chosen) => `The status override ${chosen} is set.`,
};

const REMOVE_OVERRIDE = {
  title: "Remove the status override",
  method: "DELETE",
  url: target => pathOf("override", target),
  button: () => "Remove override",
  consequences: target => [
    ["The status is UNKNOWN until the next heartbeat"
      + (target.intervalSecs ? `, within ${target.intervalSecs} s` : "") + ". That heartbeat "
      + "receives 404, and the instance registers again with the status that it reports."],
    target.hasOverride === undefined
      && ["Instances of the application without an override are not changed."],
  ],
  outcome: () => "The status override is removed.",
};

const EXTEND = {
  title: "Extend the lease",
  method: "POST",
  url: target => pathOf("extend", target),
  button: target => target.id === undefined
    ? `Extend ${counted(target.instances(), "lease")}` : "Extend",
  consequences: target => [
    ["The lease will be valid for at least one duration"
      + (target.durationSecs ? ` (${duration(target.durationSecs * 1000)})` : "") + " from now."],
    ["This is not a renewal: it doesn't count for self-preservation, and an instance that sends no "
      + "heartbeat expires after that time."],
  ],
  outcome: () => "The lease is extended.",
};

const EVICT = {
  title: "Evict",
  method: "POST",
  isDangerous: true,
  url: target => pathOf("evict", target),
  button: target => target.id === undefined
    ? `Evict ${counted(target.instances(), "instance")}` : "Evict",
  consequences: target => [
    [target.id === undefined
      ? `The leases of all ${counted(target.instances(), "instance")} of the application end at `
        + "once, whether valid or not, also those that a rule protects."
      : "The lease ends at once, whether it is valid or not, also if a rule protects it."],
    ["An instance that is alive receives 404 at its next heartbeat"
      + (target.intervalSecs ? `, within ${target.intervalSecs} s,` : "")
      + " and registers again. Until then clients don't see it."],
    ["To take live instances out of service, set a status override instead."],
  ],
  outcome: () => "The lease is evicted.",
};

function pathOf(action, {app, id}) {
  return id === undefined ? path(action, app) : path(action, app, id);
}

function open(action, target) {
  const chosen = action.isOverride ? h("select", {onchange: describe},
    OVERRIDES.map(name => h("option", {value: name}, name))) : null;
  const list = h("ul");
  const outcome = h("p", {class: "outcome", role: "status"});
  const command = h("code", {tabindex: "0"});
  const cancel = h("button", {type: "button", autofocus: true, onclick: () => dialog.close()},
    "Cancel");
  const confirm = h("button", {
    type: "button", class: action.isDangerous ? "danger primary" : "primary", onclick: run,
  });
  const dialog = h("dialog", {"aria-labelledby": "dialog-title", onclose: () => dialog.remove()},
    h("h2", {id: "dialog-title"}, action.title),
    h("p", {class: "target"}, target.id === undefined
      ? ["Application ", h("b", {}, bdi(target.app)), ", ", counted(target.instances(), "instance")]
      : ["Instance ", h("b", {}, bdi(target.id)), " of ", h("b", {}, bdi(target.app))]),
    chosen && h("label", {}, "Status ", chosen),
    list,
    h("div", {class: "command"}, command, h("button", {
      type: "button", class: "quiet",
      onclick: event => copy(command.textContent, event.currentTarget),
    }, "Copy curl")),
    outcome, h("div", {class: "buttons"}, cancel, confirm));

  function url() {
    return action.url(target) + (chosen ? `?value=${chosen.value}` : "");
  }

  function describe() {
    list.replaceChildren(...action.consequences(target, chosen?.value).filter(Boolean)
      .map(parts => h("li", {}, parts)));
    confirm.textContent = action.button(target, chosen?.value);
    try {
      command.textContent = curl(action.method, url());
    } catch (error) {
      finish(false, error.message);
    }
  }

  async function run() {
    confirm.disabled = true;
    outcome.textContent = "Waiting for the node.";
    try {
      const body = await request(action.method, url());
      finish(true, body?.summary ?? action.outcome(target, chosen?.value));
      target.done?.();
    } catch (error) {
      finish(false, error.message);
    }
  }

  function finish(isDone, text) {
    outcome.dataset.done = isDone;
    outcome.replaceChildren(h("b", {}, isDone ? "Done. " : "Not done. "), sentence(text));
    confirm.hidden = true;
    cancel.textContent = "Close";
    cancel.focus();
  }

  document.body.append(dialog);
  dialog.showModal();
  describe();
}
