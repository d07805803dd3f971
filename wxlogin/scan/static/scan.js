"use strict";

// Begins a scan, shows its picture, asks for the token, and hands the answer to the page that opened
// or frames this one: to the one origin that the server names, whoever that page is by now.

const place = document.getElementById("scan");
const picture = document.getElementById("picture");
const state = document.getElementById("state");
const again = document.getElementById("again");
const opener = window.opener ?? (window.parent === window ? null : window.parent);
const ENDS = { SCAN_EXPIRED: "expired", SCAN_REFUSED: "refused", USER_BANNED: "banned", DEVICE_LIMIT: "devices" };
const MOST_FAULTS = 5;

let round = 0;

function wait(seconds) {
  return new Promise((done) => setTimeout(done, seconds * 1000));
}

function tell(message) {
  opener.postMessage({ source: "wxlogin.scan", ...message }, place.dataset.receiver);
}

function say(name) {
  const words = place.getAttribute(`data-say-${name.replace("_", "-")}`);
  // Said again it would be read aloud again.
  if (state.textContent !== words) state.textContent = words;
}

function end(name) {
  say(name);
  picture.parentElement.classList.add("over");
  again.hidden = name === "alone";
  if (name !== "alone") tell({ state: name });
}

async function ask(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    credentials: "omit",
  });
  return { status: answer.status, wait: Number(answer.headers.get("Retry-After")), body: await answer.json() };
}

async function begin() {
  const { appid } = place.dataset;
  for (;;) {
    const answer = await ask(place.dataset.begin, appid ? { appid } : {});
    if (answer.status !== 429) return answer;
    say("limited");
    await wait(answer.wait || 5);
  }
}

async function poll(scan, mine) {
  let faults = 0;
  while (mine === round) {
    await wait(scan.interval);
    let answer = null;
    try {
      answer = await ask(`${place.dataset.begin}/${scan.scan}/token`, { secret: scan.secret });
    } catch {
      faults += 1;
      if (faults > MOST_FAULTS) throw new Error("the server does not answer");
      continue;
    }
    if (mine !== round) return;
    if (answer.status === 200) {
      tell({ state: "signed_in", login: answer.body });
      say("signed_in");
      picture.parentElement.classList.add("over");
      if (window.opener) window.close();
      return;
    }
    if (answer.status === 202) say(answer.body.state);
    else if (answer.status === 429) await wait(answer.wait);
    else if (answer.status === 503 && faults < MOST_FAULTS) faults += 1;
    else return end(ENDS[answer.body.code] ?? "failed");
  }
}

async function start() {
  round += 1;
  const mine = round;
  again.hidden = true;
  picture.hidden = true;
  picture.parentElement.classList.remove("over");
  say("loading");
  try {
    const answer = await begin();
    if (answer.status !== 200) return end("failed");
    picture.onload = () => {
      picture.hidden = false;
      if (mine === round && state.textContent === place.dataset.sayLoading) say("waiting");
    };
    picture.onerror = () => {
      if (mine !== round) return;
      round += 1;
      end("failed");
    };
    picture.src = answer.body.image;
    await poll(answer.body, mine);
  } catch {
    if (mine === round) end("failed");
  }
}

again.addEventListener("click", start);
if (opener && place.dataset.receiver) start();
else end("alone");
