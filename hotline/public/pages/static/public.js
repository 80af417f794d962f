// What a script adds: reading aloud, fields that appear when they are asked, one submit at a time.
// Without it everything can be read and sent all the same.

import { followRules } from "../web/js/rules.js";

// Who hears the page is taken to what is wrong: the list of it, or the one field.
const wrong = document.getElementById("problems") ?? document.querySelector("[aria-invalid=true]");
if (wrong) wrong.focus();

const forms = document.querySelectorAll("[data-form]");
for (const form of forms) {
  followRules(form);
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const button = form.querySelector("[data-sending]");
    if (button) {
      button.textContent = button.dataset.sending;
      button.setAttribute("aria-disabled", "true");
    }
  });
}
if (forms.length) {
  // Back from the next page: the form can be sent again.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

// ---- reading aloud, by the browser's own voice ----

const reader = document.querySelector("[data-read-aloud]");
const voice = window.speechSynthesis;

function readable() {
  const parts = document.querySelectorAll(
    "[data-read] :is(h1, h2, h3, p, li, dt, dd, label, legend, summary)",
  );
  const seen = [];
  for (const part of parts) {
    const inside = part.querySelector("p, li, h2, h3, dt, label, legend");
    const text = part.innerText.trim();
    if (!inside && text && part.getClientRects().length) seen.push(text.replace(/\s+/g, "，"));
  }
  return seen;
}

if (reader && voice && "SpeechSynthesisUtterance" in window) {
  const words = reader.lastElementChild;
  const start = words.textContent;
  let reading = false;
  const stop = () => {
    reading = false;
    voice.cancel();
    words.textContent = start;
  };
  reader.hidden = false;
  reader.addEventListener("click", () => {
    if (reading) {
      stop();
      return;
    }
    reading = true;
    // The button says what it does next, and no state beside that: "stop, pressed" says neither.
    words.textContent = reader.dataset.stop;
    const texts = readable();
    texts.forEach((text, place) => {
      const said = new SpeechSynthesisUtterance(text);
      said.lang = document.documentElement.lang;
      said.rate = 0.9;
      if (place === texts.length - 1) said.onend = stop;
      voice.speak(said);
    });
  });
  addEventListener("pagehide", () => voice.cancel());
}
