// Calls and their answers, newest first, with what is secret cut short.

import { copy, say } from "./words.js";

const MOST = 40;
const SECRET = /^(token|key|secret|authorization|code|encryptedData|iv)$/i;
const SHOWN = 6;

export class Log {
  constructor(place, name) {
    place.append(copy("log"));
    this.list = place.querySelector("ol");
    this.list.setAttribute("aria-label", say("calls_of", { name }));
    this.empty = place.querySelector(".empty");
    place.querySelector("button").addEventListener("click", () => {
      this.list.replaceChildren();
      this.empty.hidden = false;
    });
  }

  /** Something that is no call of HTTP: wx.login, a wait. */
  note(text, kind = "note") {
    this.add(kind, [part("b", text)]);
  }

  /** A call: what was sent, what came (null where nothing did), and how long it took. */
  call({ method, target, header, body, status, answer, milliseconds }) {
    const problem = status >= 400 && answer && answer.code ? answer : null;
    const kind = !status || status >= 500 ? "failed" : status >= 400 ? "refused" : "ok";
    const line = [part("b", method), part("code", target)];
    if (header["X-Wxlogin-Signature"]) line.push(part("span", say("signed"), "signed"));
    line.push(part("span", status || say("no_answer"), "code-of"));
    if (problem) line.push(part("span", `${problem.code} · ${problem.action}`, "problem"));
    line.push(part("span", `${Math.round(milliseconds)} ms`, "took"));
    this.add(kind, line, [
      part("p", say("sent"), "hint"),
      part("pre", [`${method} ${target}`, ...headerLines(header), "", shown(body)].join("\n").trim()),
      part("p", say("came"), "hint"),
      part("pre", status ? `${status}\n${shown(answer)}` : say("no_answer")),
    ]);
  }

  add(kind, line, more = []) {
    const item = document.createElement("li");
    item.className = kind;
    const head = document.createElement(more.length ? "summary" : "p");
    head.append(...line);
    if (more.length) {
      const details = document.createElement("details");
      details.append(head, ...more);
      item.append(details);
    } else {
      item.append(head);
    }
    this.list.prepend(item);
    while (this.list.children.length > MOST) this.list.lastElementChild.remove();
    this.empty.hidden = true;
  }
}

function part(tag, text, name = "") {
  const element = document.createElement(tag);
  element.textContent = String(text);
  if (name) element.className = name;
  return element;
}

function headerLines(header) {
  return Object.entries(header).map(([name, value]) => `${name}: ${cut(name, String(value))}`);
}

function cut(name, text) {
  const [, scheme = "", rest] = /^(Bearer )?(.*)$/s.exec(text);
  return SECRET.test(name) && rest.length > SHOWN ? `${scheme}${rest.slice(0, SHOWN)}…` : text;
}

function shown(value) {
  if (value === undefined || value === null || value === "") return "";
  if (typeof value === "string") return value.length > 2000 ? `${value.slice(0, 2000)}…` : value;
  return JSON.stringify(value, (name, x) => (typeof x === "string" ? cut(name, x) : x), 2);
}
