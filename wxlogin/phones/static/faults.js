// The faults of WeChat and of Redis, a button each.

import { clearFaults, fault, order, waitingFaults } from "./sandbox.js";
import { say } from "./words.js";

const LOGIN = "/sns/jscode2session";
const NUMBER = "/wxa/business/getuserphonenumber";
const LOOK_MS = 700;

export const FAULTS = {
  slow: [LOGIN, { delay: 3 }],
  busy: [LOGIN, { errcode: -1 }],
  silent: [LOGIN, { delay: 8 }],
  close: [LOGIN, { close: true }],
  lost: [LOGIN, { close: true, after: true }],
  down: [LOGIN, { status: 502 }],
  code: [LOGIN, { errcode: 40029 }],
  rate: [LOGIN, { errcode: 45011 }],
  appsecret: [LOGIN, { errcode: 40125 }],
  blocked: [LOGIN, { errcode: 40226 }],
  number: [NUMBER, { errcode: 40029 }],
};

/** Show the buttons; `tell` says what was done. `offered` are the orders that there are. */
export function showFaults(place, clear, offered, tell) {
  for (const [name, [path, fields]] of Object.entries(FAULTS)) {
    place.append(button(name, `fault_${name}_hint`, async () => {
      await fault(path, fields);
      armed[path].push(name);
      watch();
      tell(say("armed", { name: say(`fault_${name}`) }));
    }, tell));
  }
  const redis = button("redis", offered.redis ? "fault_redis_hint" : "fault_redis_fixed", async () => {
    await order("redis", "kill");
    tell(say("killed"));
  }, tell);
  redis.disabled = !offered.redis;
  place.append(redis);
  clear.addEventListener("click", () => attempt(clear, async () => {
    await clearFaults();
    watch();
    tell(say("cleared"));
  }, tell));
}

/** Which faults have not happened yet, by path: the first is the next. */
const armed = { [LOGIN]: [], [NUMBER]: [] };
let looking = 0;

/** Mark the buttons of what is armed, until it has happened. */
async function watch() {
  clearTimeout(looking);
  const waiting = await waitingFaults().catch(() => null);
  for (const [path, names] of Object.entries(waiting ? armed : {})) {
    names.splice(0, names.length - (waiting[path] ?? 0));
  }
  const names = Object.values(armed).flat();
  for (const mark of document.querySelectorAll("[data-fault] em")) {
    mark.hidden = !names.includes(mark.closest("button").dataset.fault);
  }
  if (names.length) looking = setTimeout(watch, LOOK_MS);
}

function button(name, hint, act, tell) {
  const made = document.createElement("button");
  made.type = "button";
  made.dataset.fault = name;
  const title = document.createElement("b");
  title.textContent = say(`fault_${name}`);
  const line = document.createElement("span");
  line.textContent = say(hint);
  const mark = document.createElement("em");
  mark.textContent = say("fault_armed");
  mark.hidden = true;
  made.append(mark, title, line);
  made.addEventListener("click", () => attempt(made, act, tell));
  return made;
}

async function attempt(pressed, act, tell) {
  pressed.disabled = true;
  try {
    await act();
  } catch {
    tell(say("not_possible"));
  }
  pressed.disabled = false;
}
