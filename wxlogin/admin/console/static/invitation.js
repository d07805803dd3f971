// Takes the code of an invitation from behind `#`, which no browser sends and no log has.
"use strict";

const form = document.querySelector("form[data-invitation]");
const code = decodeURIComponent(location.hash.slice(1));
if (form && code) {
  form.invitation.value = code;
  form.invitation.closest(".field").hidden = true;
  form.action = location.pathname + location.hash; // a refusal leads back with the code
}
