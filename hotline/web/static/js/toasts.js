// Short words at the page's corner; a failure stays until it is closed.

import { $ } from "./dom.js";

const STAY_MS = 6000;

export function toast(words, kind = "good") {
  const box = $(".toasts");
  const item = document.createElement("div");
  item.className = `toast ${kind}`;
  item.setAttribute("role", kind === "bad" ? "alert" : "status");
  const text = document.createElement("p");
  text.textContent = words;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "关闭";
  item.append(text, close);
  box.append(item);
  arm(item);
}

function arm(item) {
  item.querySelector("button")?.addEventListener("click", () => item.remove());
  if (!item.classList.contains("bad")) setTimeout(() => item.remove(), STAY_MS);
}

export function startToasts() {
  for (const item of document.querySelectorAll(".toast")) arm(item);
}
