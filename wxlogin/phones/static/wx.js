// WeChat's `wx` over fetch, as far as the client uses it, with what a phone may suffer from.

import makeClient from "/sandbox/client.js";
import { loginCode } from "./sandbox.js";
import { language, say } from "./words.js";

const HOUR = 3_600_000;

/** What is wrong with a phone. */
export class Troubles {
  stale = false;
  clock = false;
  offline = false;
  hang = false;
}

/** A client of the built file, on a phone of this kind; what it does stands in the log. */
export function startClient({ device, user, troubles, log, onPrompt }) {
  const platform = wxOf({ device, user, troubles, log });
  class PhoneDate extends Date {
    static now() {
      return Date.now() + (troubles.clock ? HOUR : 0);
    }
  }
  const later = (task, milliseconds) => {
    // The client's own timer of wx.login is no wait.
    if (milliseconds < 10_000) log.note(say("waits", { seconds: (milliseconds / 1000).toFixed(1) }), "wait");
    return setTimeout(task, milliseconds);
  };
  const { createClient } = makeClient(PhoneDate, later, (timer) => clearTimeout(timer));
  return createClient({
    baseUrl: location.origin,
    appid: document.body.dataset.appid || undefined,
    language,
    platform,
    onPrompt,
  });
}

function wxOf({ device, user, troubles, log }) {
  const prefix = `${device.id}:${user}:`;
  return {
    login: async ({ success, fail, complete }) => {
      if (troubles.hang) return;
      try {
        if (troubles.offline) throw new Error("offline");
        const answer = await loginCode(user);
        log.note("wx.login → code", "wx");
        success(answer);
      } catch (error) {
        log.note(`wx.login ✕ ${error.message}`, "wx");
        fail({ errMsg: `login:fail ${error.message}` });
      }
      complete({});
    },
    request: (asked) => void request(asked, troubles, log),
    // As WeChat does: nothing but what JSON holds, and "" where there is nothing.
    getStorageSync: (key) => JSON.parse(sessionStorage.getItem(prefix + key) ?? '""'),
    setStorageSync: (key, value) => sessionStorage.setItem(prefix + key, JSON.stringify(value)),
    removeStorageSync: (key) => sessionStorage.removeItem(prefix + key),
    getDeviceInfo: () => ({ brand: device.brand, model: device.model, platform: device.platform }),
    getAppBaseInfo: () => ({ language }),
  };
}

async function request({ url, method = "GET", data, header, success, fail, complete }, troubles, log) {
  const sent = { method, target: url.slice(location.origin.length), header, body: parsed(data) };
  const began = performance.now();
  const took = () => performance.now() - began;
  let came = null;
  try {
    if (troubles.offline) throw new Error("offline");
    const answer = await fetch(url, { method, headers: header, body: data, credentials: "omit" });
    const text = await answer.text();
    came = { statusCode: answer.status, data: parsed(text), header: Object.fromEntries(answer.headers) };
  } catch (error) {
    log.call({ ...sent, status: 0, answer: null, milliseconds: took() });
    fail({ errMsg: `request:fail ${error.message}` });
  }
  if (came) {
    log.call({ ...sent, status: came.statusCode, answer: came.data, milliseconds: took() });
    success(came);
  }
  if (complete) complete({});
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
