// A shop's page in a desktop browser, which signs its visitor in by a scan.

import { Log } from "./log.js";
import { say } from "./words.js";

const ENDS = { SCAN_REFUSED: "state_refused", SCAN_EXPIRED: "state_over" };

export class Desktop {
  constructor(root) {
    this.root = root;
    this.scene = "";
    this.token = "";
    this.round = 0;
    this.log = new Log(root.querySelector(".log"), say("browser"));
    this.find(".begin").addEventListener("click", () => this.begin());
    this.find(".out").addEventListener("click", () => this.signOut());
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  async begin() {
    const mine = ++this.round;
    const { appid } = document.body.dataset;
    const begun = await this.call("POST", "/v1/scan", appid ? { appid } : {});
    if (!begun.ok) return this.end("state_failed");
    const { scan, secret, image, interval } = begun.body;
    this.scene = scan;
    this.find(".code img").src = image;
    this.find(".code").hidden = false;
    this.find(".code").classList.remove("over");
    this.find(".begin").textContent = say("again");
    this.say("state_waiting");
    await this.poll(`/v1/scan/${scan}/token`, secret, interval, mine);
  }

  async poll(path, secret, interval, mine) {
    for (;;) {
      await new Promise((done) => setTimeout(done, interval * 1000));
      if (mine !== this.round) return;
      const { status, body } = await this.call("POST", path, { secret });
      if (mine !== this.round) return;
      if (status === 200) return this.enter(body);
      if (status === 202) this.say(`state_${body.state}`);
      else if (!status || status === 429 || status >= 500) continue;
      else return this.end(ENDS[body?.code] ?? "state_failed");
    }
  }

  /** A shop hands the token to its backend and keeps a cookie; here it stays in memory. */
  enter({ token, user }) {
    this.token = token;
    this.scene = "";
    this.say("state_in");
    this.find(".who").textContent = `${say("user")} ${user.id}`;
    this.show(true);
  }

  async signOut() {
    this.round += 1;
    await this.call("POST", "/v1/logout", {});
    this.token = "";
    this.say("");
    this.show(false);
  }

  end(name) {
    this.scene = "";
    this.find(".code").classList.add("over");
    this.say(name);
  }

  show(signedIn) {
    this.root.classList.toggle("signed-in", signedIn);
    this.find(".code").hidden = true;
    this.find(".who").hidden = this.find(".out").hidden = !signedIn;
    this.find(".begin").hidden = signedIn;
    this.find(".begin").textContent = say("begin");
  }

  say(name) {
    const words = name && say(name);
    const place = this.find(".state");
    if (place.textContent !== words) place.textContent = words;
  }

  async call(method, target, body) {
    const header = { "Content-Type": "application/json" };
    if (this.token) header.Authorization = `Bearer ${this.token}`;
    const began = performance.now();
    let status = 0;
    let answer = null;
    try {
      const came = await fetch(target, { method, headers: header, body: JSON.stringify(body), credentials: "omit" });
      status = came.status;
      answer = await came.json();
    } catch {
      // No answer: the log says so.
    }
    const milliseconds = performance.now() - began;
    // One line for the many times that the answer is the same.
    const line = `${target} ${status} ${answer?.state ?? ""}`;
    if (status !== 202 || line !== this.last) {
      this.log.call({ method, target, header, body, status, answer, milliseconds });
    }
    this.last = line;
    return { ok: status >= 200 && status < 300, status, body: answer };
  }
}
