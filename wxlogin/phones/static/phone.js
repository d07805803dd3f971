// One phone: the pages of a small mini-program, on the client as every mini-program has it.

import { phoneCode, phoneData, rotate } from "./sandbox.js";
import { copy, say } from "./words.js";
import { startClient, Troubles } from "./wx.js";
import { Log } from "./log.js";

const TOAST_MS = 4000;

export class Phone extends EventTarget {
  /** `device`: id, name, brand, model, platform. `scene` gives what the browser shows to scan. */
  constructor(device, stage, scene) {
    super();
    this.device = device;
    this.scene = scene;
    this.troubles = new Troubles();
    this.root = copy("phone").firstElementChild;
    this.root.id = device.id;
    stage.append(this.root);
    const heading = this.find("h2");
    heading.textContent = device.name;
    heading.id = `${device.id}-name`;
    this.root.setAttribute("aria-labelledby", heading.id);
    this.find(".sheet").setAttribute("aria-label", device.name);
    this.log = new Log(this.find(".log"), device.name);
    this.listen();
    this.choose(this.user);
  }

  get user() {
    return this.find("select").value;
  }

  get isSignedIn() {
    return this.client.signedIn();
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  /** Somebody's phone: everybody has a WeChat, and a storage, of their own. */
  choose(user) {
    this.client = startClient({
      device: this.device,
      user,
      troubles: this.troubles,
      log: this.log,
      onPrompt: (error) => this.prompt(error),
    });
    this.root.dataset.user = user;
    this.showGuest();
    if (this.isSignedIn) this.refresh();
  }

  listen() {
    const press = (selector, act) =>
      this.find(selector).addEventListener("click", (event) => this.run(event.currentTarget, act));
    press(".sign-in", () => this.signIn());
    press(".phone-new", async () => this.gotPhone(await this.client.phone(await phoneCode(this.user))));
    press(".phone-old", () => this.oldButton());
    press(".scan", () => this.scanCode());
    press(".refresh", () => this.load());
    press(".sign-out", () => this.signOut());
    press(".leave", () => this.leave());
    this.find(".naming").addEventListener("submit", (event) => {
      event.preventDefault();
      this.run(event.submitter, () => this.rename(this.find("[name=nickname]").value.trim()));
    });
    this.find("select").addEventListener("change", () => this.choose(this.user));
    for (const button of this.root.querySelectorAll("[data-trouble]")) {
      button.addEventListener("click", () => this.suffer(button.dataset.trouble));
    }
  }

  /** What a page does with every failure: it shows `error.text`. */
  async run(button, act) {
    if (button) button.disabled = true;
    try {
      await act();
    } catch (error) {
      // Of a sign-out onPrompt has told already.
      if (error.action !== "prompt" || error.status !== 401) this.toast(error.text ?? error.message);
      if (!this.isSignedIn) this.showGuest();
    } finally {
      if (button) button.disabled = false;
    }
  }

  refresh() {
    return this.run(null, () => this.load());
  }

  async signIn() {
    await this.client.login();
    await this.load();
    this.tell("signedIn");
  }

  async load() {
    const [me, devices] = await Promise.all([this.client.me(), this.client.sessions()]);
    this.showMember(me, devices);
  }

  gotPhone({ phoneNumber }) {
    this.toast(say("phone_got", { number: phoneNumber }));
    this.tell("phone");
    return this.load();
  }

  /** The old button encrypts with the session_key that WeChat has now. */
  async oldButton() {
    const wasStale = this.troubles.stale;
    if (wasStale) await rotate(this.user);
    const phone = await this.client.phone(await phoneData(this.user));
    if (wasStale) {
      this.suffer("stale", false);
      this.tell("healed");
    }
    await this.gotPhone(phone);
  }

  async rename(nickname) {
    await this.client.updateProfile({ nickname });
    this.toast(say("saved"));
    await this.load();
  }

  async scanCode() {
    const scene = this.scene();
    if (!scene) return this.toast(say("scan_nothing"));
    const found = await this.client.scan.show(scene);
    const near = say(found.same_region ? "scan_near" : "scan_far");
    const from = say("scan_from", { ...found, region: found.region ?? "" });
    const yes = await this.ask(say("scan_ask"), `${from}\n${near}`, say("scan_yes"), say("scan_no"));
    await (yes ? this.client.scan.confirm(scene) : this.client.scan.refuse(scene));
    this.toast(say(yes ? "scan_done" : "scan_refused"));
    if (yes) this.tell("scan");
  }

  async signOut() {
    await this.client.logout();
    this.showGuest();
    this.toast(say("signed_out"));
  }

  async leave() {
    const yes = await this.ask(say("leave"), say("leave_sure"), say("leave_yes"), say("cancel"));
    if (!yes) return;
    await this.client.cancelAccount();
    this.showGuest();
    this.toast(say("left"));
    this.tell("left");
  }

  async endDevice(id) {
    await this.client.endSession(id);
    this.toast(say("ended"));
    await this.load();
  }

  /** The client's onPrompt: the user was signed out, and signs in when they tap. */
  async prompt(error) {
    this.showGuest();
    if (error.code === "SESSION_REPLACED") this.tell("replaced");
    if (await this.ask(error.text, "", say("sign_in_again"), say("later"))) {
      await this.run(null, () => this.signIn());
    }
  }

  async suffer(trouble, is = !this.troubles[trouble]) {
    this.troubles[trouble] = is;
    this.find(`[data-trouble=${trouble}]`).setAttribute("aria-pressed", String(is));
    if (trouble === "stale" && is) await this.run(null, () => rotate(this.user));
  }

  showGuest() {
    this.find(".guest").hidden = false;
    this.find(".member").hidden = true;
    // Nothing of somebody else's is left for the next one.
    for (const part of this.root.querySelectorAll(".name, .id, .number, .devices")) part.replaceChildren();
    this.find(".naming").reset();
  }

  showMember({ user, profile, phone }, devices) {
    const name = profile.nickname ?? say("no_name");
    this.find(".guest").hidden = true;
    this.find(".member").hidden = false;
    this.find(".card .name").textContent = name;
    this.find(".card .face").textContent = Array.from(profile.nickname ?? this.user)[0].toUpperCase();
    this.find(".card .id").textContent = user.id;
    this.find(".card .number").textContent = phone ?? say("no_phone");
    this.find(".devices").replaceChildren(...devices.map((device) => this.deviceItem(device)));
  }

  deviceItem({ id, device_name, platform, region, current }) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = [device_name ?? platform, region].filter(Boolean).join(" · ");
    item.append(name);
    const end = document.createElement(current ? "em" : "button");
    end.textContent = say(current ? "this_device" : "end");
    if (!current) {
      end.type = "button";
      end.addEventListener("click", () => this.run(end, () => this.endDevice(id)));
    }
    item.append(end);
    return item;
  }

  toast(text) {
    const place = this.find(".toast");
    place.textContent = text;
    place.classList.add("shown");
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => place.classList.remove("shown"), TOAST_MS);
  }

  /** Ask the user; true for yes. A newer question takes the place of one that is open. */
  ask(title, text, yes, no) {
    this.answer?.(false);
    this.find(".toast").classList.remove("shown");
    const veil = this.find(".veil");
    this.find(".sheet-title").textContent = title;
    this.find(".sheet-text").textContent = text;
    this.find(".yes").textContent = yes;
    this.find(".no").textContent = no;
    veil.hidden = false;
    this.find(".view").inert = true;
    // Who is busy with another device goes on there.
    const { activeElement, body } = document;
    if (activeElement === body || this.root.contains(activeElement)) this.find(".yes").focus();
    return new Promise((resolve) => {
      this.answer = (is) => {
        veil.hidden = true;
        this.find(".view").inert = false;
        this.answer = null;
        resolve(is);
      };
      this.find(".yes").onclick = () => this.answer?.(true);
      this.find(".no").onclick = () => this.answer?.(false);
    });
  }

  tell(name) {
    this.dispatchEvent(new CustomEvent("step", { detail: name }));
  }
}
