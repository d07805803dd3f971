// Parts of a page that are read again every few seconds: `data-live` is where, `data-every` how often.
// What cannot be read again stays, and a notice says that it is old. It keeps no session alive.
"use strict";

async function read(url) {
  const answer = await fetch(url, {
    redirect: "manual", // to the sign-in: then nobody is signed in any more
    cache: "no-store",
    signal: AbortSignal.timeout(4000),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html").body;
}

function show(part, body) {
  const focused = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
  part.replaceChildren(...[...body.childNodes].map((node) => document.importNode(node, true)));
  if (!focused) return;
  [...part.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus();
}

async function renew(url, parts) {
  if (document.hidden) return;
  const body = await read(url).catch(() => null);
  for (const part of parts) {
    // What somebody is marking, to copy it, is left alone.
    const selected = document.getSelection();
    const marked = selected.type === "Range" && selected.containsNode(part, true);
    if (body && !marked) show(part, body);
    const notice = document.querySelector(`[data-stale="${part.dataset.staleNotice}"]`);
    if (notice) notice.hidden = body !== null;
  }
}

const parts = new Map();
for (const part of document.querySelectorAll("[data-live]")) {
  parts.set(part.dataset.live, [...(parts.get(part.dataset.live) ?? []), part]);
}
for (const [url, own] of parts) {
  setInterval(renew, 1000 * Number(own[0].dataset.every), url, own);
}
