// What a script makes easier; every page works without it.
"use strict";

// How long ago a time was goes on while the page is open.
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
setInterval(() => {
  for (const element of document.querySelectorAll("time[datetime] + .ago")) {
    const seconds = (new Date(element.previousElementSibling.dateTime) - Date.now()) / 1000;
    const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1);
    if (!Number.isNaN(seconds)) element.textContent = relative.format(Math.round(seconds / size), unit);
  }
}, 60_000);

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.querySelector("span").textContent = button.dataset.copied;
    button.classList.add("copied-now");
  });
}

// A form that was sent is not sent again by a second click, unless it leads to no other page.
for (const form of document.querySelectorAll("form[method=post]:not([data-file])")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// A key that leads to a field or opens a dialog, unless something is being typed already.
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  for (const field of document.querySelectorAll("[data-shortcut]")) {
    if (event.key !== field.dataset.shortcut) continue;
    event.preventDefault();
    if (field instanceof HTMLDialogElement) {
      if (!field.open) field.showModal();
      continue;
    }
    field.focus();
    field.select();
  }
});

// What a bar of a chart counts and when, by tap, by mouse and by keyboard.
for (const chart of document.querySelectorAll("figure.chart")) {
  const said = chart.querySelector("[data-bar-said]");
  said.hidden = false;
  for (const bar of chart.querySelectorAll("[data-bar]")) {
    const tell = () => { said.value = bar.dataset.bar; };
    for (const event of ["pointerenter", "click", "focus"]) bar.addEventListener(event, tell);
  }
}

// How many rows of a list are selected, and one box for all of them.
for (const form of document.querySelectorAll("form.selection")) {
  const boxes = [...form.elements].filter((element) => element.name === "selected");
  const all = form.querySelector("[data-all]");
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    form.querySelector("[data-count]").value = ticked;
    all.firstElementChild.checked = ticked === boxes.length;
    all.firstElementChild.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.firstElementChild.checked;
    count();
  });
  for (const box of boxes) box.addEventListener("change", count);
  count();
}
