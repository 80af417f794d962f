// Keys: an element with data-key is pressed by its key; "?" shows all keys of the page.

import { $, $$ } from "./dom.js";

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

const seen = (element) => element.getClientRects().length > 0 || element.dataset.keyHidden !== undefined;

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && typing(event.target)) {
    event.target.blur();
    return;
  }
  if (typing(event.target)) return;
  if (event.key === "?") {
    event.preventDefault();
    showKeys();
    return;
  }
  const wanted = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const element = $$("[data-key]").find((e) => e.dataset.key === wanted && seen(e));
  if (!element) return;
  event.preventDefault();
  if (element.matches("input, textarea, select")) element.focus();
  else element.click();
}

function showKeys() {
  const dialog = $("#keys");
  if (!dialog || dialog.open) return;
  const list = $(".keys-list", dialog);
  list.replaceChildren();
  const known = new Map([["?", "显示这张表"]]);
  for (const element of $$("[data-key]").filter(seen)) {
    known.set(element.dataset.key, element.dataset.keyWords ?? element.textContent.trim());
  }
  for (const [key, words] of known) {
    const [term, text] = [document.createElement("dt"), document.createElement("dd")];
    const mark = document.createElement("kbd");
    mark.className = "key";
    mark.textContent = { ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc", " ": "空格" }[key] ?? key.toUpperCase();
    term.append(mark);
    text.textContent = words;
    list.append(term, text);
  }
  dialog.showModal();
}

export function startKeys() {
  document.addEventListener("keydown", press);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) event.target.closest("dialog, .drawer")?.close?.();
  });
}
