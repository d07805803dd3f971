// What the sandbox does in WeChat's world: codes, encrypted data, faults. It keeps no secret of ours.

async function ask(method, name, body) {
  const answer = await fetch(`/sandbox/${name}`, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
    credentials: "omit",
  });
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return answer.json();
}

/** A code of wx.login. */
export const loginCode = (user) => ask("POST", "code", { user });
/** `e.detail` of the phone button, and of the old one. */
export const phoneCode = (user) => ask("POST", "phone-code", { user });
export const phoneData = (user) => ask("POST", "phone", { user });
/** Put a fresh session_key in force, so that the one that wxlogin keeps is stale. */
export const rotate = (user) => ask("POST", "rotate", { user });
/** Spoil the next calls of one of WeChat's paths. */
export const fault = (path, fields) => ask("POST", "faults", { path, ...fields });
/** How many of them have not happened yet, by path. */
export const waitingFaults = async () => (await ask("GET", "faults")).waiting;
export const clearFaults = () => ask("DELETE", "faults");
/** What the command that runs the sandbox can do besides, and have it done. */
export const offered = () => ask("GET", "orders");
export const order = (name, value) => ask("POST", "orders", { name, value });
/** The policy that the server has by now. */
export const state = () => ask("GET", "state");
