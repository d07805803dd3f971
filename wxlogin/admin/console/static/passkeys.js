// Passkeys: the browser makes one, or signs with one; the form takes its answer along.
"use strict";

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
const base64url = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// The members of WebAuthn that are bytes, which JSON has as base64url.
function opened(options) {
  const open = (known) => ({ ...known, id: bytes(known.id) });
  return {
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: open(options.user) }),
    excludeCredentials: options.excludeCredentials?.map(open),
    allowCredentials: options.allowCredentials?.map(open),
  };
}

function written(credential) {
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const given = names.filter((name) => credential.response[name]);
  return {
    id: credential.id,
    rawId: base64url(credential.rawId),
    type: credential.type,
    response: Object.fromEntries(
      given.map((name) => [name, base64url(credential.response[name])])),
  };
}

async function begin(url, form) {
  const csrf = form.elements.csrf_token?.value;
  const answer = await fetch(url, { method: "POST", headers: csrf ? { "X-CSRF-Token": csrf } : {} });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail);
  return body;
}

async function make(url, form) {
  const { options } = await begin(url, form);
  return written(await navigator.credentials.create({ publicKey: opened(options) }));
}

async function sign(url, form) {
  const { attempt, options } = await begin(url, form);
  return { attempt, credential: written(await navigator.credentials.get({ publicKey: opened(options) })) };
}

function offer(button, url, field, ask) {
  if (!window.PublicKeyCredential) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const form = button.form;
    if (!form.reportValidity()) return;
    button.disabled = true;
    try {
      const input = form.elements[field];
      input.value = JSON.stringify(await ask(url, form));
      input.disabled = false;
      form.submit();
    } catch {
      button.querySelector("span").textContent = button.dataset.failed;
      button.disabled = false;
    }
  });
}

for (const button of document.querySelectorAll("button[data-passkey]")) {
  offer(button, button.dataset.passkey, "passkey", sign);
}
for (const button of document.querySelectorAll("button[data-new-passkey]")) {
  offer(button, button.dataset.newPasskey, "credential", make);
}
