// Puts the stage together: two phones, a desktop browser, the rule, the faults, the tour.

import { Desktop } from "./desktop.js";
import { showFaults } from "./faults.js";
import { Phone } from "./phone.js";
import { offered, order, state } from "./sandbox.js";
import { say } from "./words.js";

const DEVICES = [
  { id: "phone-a", name: "iPhone 16", brand: "Apple", model: "iPhone 16", platform: "ios" },
  { id: "phone-b", name: "Xiaomi 15", brand: "Xiaomi", model: "15", platform: "android" },
];
/** When the other phone's page is opened again: then it hears that it was signed out. */
const LOOK_MS = 900;
const RESTART_MS = 400;
/** Old workers answer beside new ones for a moment. */
const SURE = 3;
const MOST_RESTARTS = 60;
const STATUS_MS = 6000;

const stage = document.getElementById("stage");
const desktop = new Desktop(document.getElementById("desktop"));
const phones = DEVICES.map((device) => new Phone(device, stage, () => desktop.scene));
stage.append(document.getElementById("side")); // behind the phones
const [first, second] = phones;

for (const phone of phones) phone.addEventListener("step", ({ detail }) => onStep(phone, detail));
const offers = await offered().catch(() => ({}));
showFaults(document.getElementById("faults"), document.getElementById("faults-clear"), offers, tell);
await showRule();

function onStep(phone, name) {
  if (name !== "signedIn") return done(name);
  if (first.isSignedIn && second.isSignedIn) done("both");
  const other = phone === first ? second : first;
  if (other.isSignedIn) setTimeout(() => other.refresh(), LOOK_MS);
}

function done(step) {
  const item = document.querySelector(`[data-step=${step}]`);
  if (!item || item.classList.contains("done")) return;
  item.classList.add("done");
  const mark = document.createElement("em");
  mark.textContent = say("done");
  item.append(mark);
}

let telling = 0;

function tell(text) {
  const place = document.getElementById("status");
  place.textContent = text;
  place.classList.add("shown");
  clearTimeout(telling);
  telling = setTimeout(() => place.classList.remove("shown"), STATUS_MS);
}

async function showRule() {
  const rule = document.getElementById("rule");
  const { single_device } = await state();
  select(rule, single_device);
  if (!offers["single-device"]) return;
  document.getElementById("rule-hint").textContent = say("rule_hint");
  rule.disabled = false;
  rule.addEventListener("change", async ({ target }) => {
    rule.disabled = true;
    tell(say("restarting"));
    tell(say((await restart(target.value)) ? "restarted" : "restart_failed"));
    select(rule, (await state().catch(() => null))?.single_device);
    rule.disabled = false;
  });
}

/** Have workers with this rule take over, and wait until they have. */
async function restart(value) {
  try {
    await order("single-device", value);
  } catch {
    return false;
  }
  let seen = 0;
  for (let tries = 0; tries < MOST_RESTARTS && seen < SURE; tries++) {
    await new Promise((next) => setTimeout(next, RESTART_MS));
    const now = await state().catch(() => null);
    seen = now?.single_device === value ? seen + 1 : 0;
  }
  return seen === SURE;
}

function select(rule, value) {
  for (const input of rule.querySelectorAll("input")) input.checked = input.value === value;
}
