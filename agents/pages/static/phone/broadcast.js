// What the supervisor tells all seats: it stands until it was read, one at a time. On the seat it
// has a place of its own beside the call; elsewhere it stands at the page's corner.

import { $, fetchFragment } from "../../web/js/dom.js";
import { onNews } from "../../web/js/live.js";
import { toast } from "../../web/js/toasts.js";

const known = new Set();
const unread = [];
const wide = matchMedia("(min-width: 1181px)");
let drawn = null;

function take({ id, words, by }) {
  if (!id || known.has(id)) return;
  known.add(id);
  unread.unshift({ id, words, by });
}

function draw() {
  drawn?.remove();
  drawn = null;
  const [first] = unread;
  if (!first) return;
  const slot = wide.matches ? $("[data-broadcasts]") : null;
  drawn = document.createElement("div");
  drawn.className = `${slot ? "notice" : "toast"} warn broadcast`;
  drawn.setAttribute("role", "alert");
  const text = document.createElement("p");
  text.append(Object.assign(document.createElement("b"), { textContent: `${first.by || "班长"}：` }), first.words);
  if (unread.length > 1) {
    text.append(Object.assign(document.createElement("span"), { className: "muted small", textContent: ` 还有 ${unread.length - 1} 条` }));
  }
  const read = Object.assign(document.createElement("button"), { type: "button", className: slot ? "button small" : "", textContent: "知道了" });
  read.addEventListener("click", () => done(first));
  drawn.append(text, read);
  (slot ?? $(".toasts")).append(drawn);
}

async function done(one) {
  try {
    await fetchFragment(`/seat/broadcast/${one.id}/read`, { method: "POST" });
    unread.splice(unread.indexOf(one), 1);
    draw();
  } catch (error) {
    toast(error.message, "bad");
  }
}

export async function startBroadcasts() {
  onNews("seat.broadcast", (news) => {
    take(news);
    draw();
  });
  wide.addEventListener("change", draw);
  try {
    const response = await fetch("/seat/broadcasts.json", { headers: { Accept: "application/json" } });
    if (response.ok) for (const one of (await response.json()).broadcasts.reverse()) take(one);
    draw();
  } catch {
    // The next page asks again.
  }
}
