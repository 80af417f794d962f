// What a script adds: reading aloud, fields that appear when they are asked, one submit at a time.
// Without it everything can be read and sent all the same.

import { followRules } from "../web/js/rules.js";

const form = document.querySelector("[data-form]");

const problems = document.getElementById("problems");
if (problems) problems.focus();

if (form) {
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

function stop() {
  voice.cancel();
  reader.setAttribute("aria-pressed", "false");
  reader.lastElementChild.textContent = "朗读";
}

if (reader && voice && "SpeechSynthesisUtterance" in window) {
  reader.hidden = false;
  reader.setAttribute("aria-pressed", "false");
  reader.addEventListener("click", () => {
    if (reader.getAttribute("aria-pressed") === "true") {
      stop();
      return;
    }
    reader.setAttribute("aria-pressed", "true");
    reader.lastElementChild.textContent = "停止";
    const texts = readable();
    texts.forEach((text, place) => {
      const said = new SpeechSynthesisUtterance(text);
      said.lang = "zh-CN";
      said.rate = 0.9;
      if (place === texts.length - 1) said.onend = stop;
      voice.speak(said);
    });
  });
  addEventListener("pagehide", () => voice.cancel());
}
