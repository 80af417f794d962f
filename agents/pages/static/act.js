// What is typed survives a lost session or a crash of the browser: a draft of the form is kept in
// this tab's storage until the server has taken it. Closing the tab forgets it: drafts hold
// personal data and must not stay on a shared computer.

import { $, $$ } from "../web/js/dom.js";

const form = $("form[data-keep]");
const name = `draft.${form.dataset.keep}`;
const fields = () => $$("input, textarea, select", form).filter((f) => f.type !== "hidden" && f.name);

function read() {
  return fields().map((f) => [f.name, f.type === "checkbox" ? `${f.value}:${f.checked}` : f.value]);
}

function restore(values) {
  const left = fields();
  for (const [key, value] of values) {
    const field = left.find((f) => f.name === key && (f.type !== "checkbox" || value.startsWith(`${f.value}:`)));
    if (!field) continue;
    if (field.type === "checkbox") field.checked = value.endsWith(":true");
    else field.value = value;
  }
  $("[data-kept]", form).hidden = false;
}

const before = JSON.stringify(read());
const kept = sessionStorage.getItem(name);
if (kept && kept !== before && !$(".notice", form)) restore(JSON.parse(kept));

form.addEventListener("input", () => {
  sessionStorage.setItem(name, JSON.stringify(read()));
  $("[data-kept]", form).hidden = false;
});
// The page after a saved form is the ticket; coming back here with a refusal keeps the draft.
addEventListener("pagehide", () => {
  if (form.dataset.sent !== undefined) sessionStorage.removeItem(name);
});
form.addEventListener("submit", () => {
  form.dataset.sent = "";
});
