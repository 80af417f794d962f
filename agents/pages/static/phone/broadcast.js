// What the supervisor tells all seats: it stands at the page's corner until it was read.

import { $, fetchFragment } from "../../web/js/dom.js";
import { onNews } from "../../web/js/live.js";
import { toast } from "../../web/js/toasts.js";

const shown = new Set();

function show({ id, words, by }) {
  if (!id || shown.has(id)) return;
  shown.add(id);
  const item = document.createElement("div");
  item.className = "toast warn";
  item.setAttribute("role", "alert");
  const text = document.createElement("p");
  text.append(Object.assign(document.createElement("b"), { textContent: `${by || "班长"}：` }), words);
  const read = Object.assign(document.createElement("button"), { type: "button", textContent: "知道了" });
  read.addEventListener("click", async () => {
    try {
      await fetchFragment(`/seat/broadcast/${id}/read`, { method: "POST" });
      item.remove();
    } catch (error) {
      toast(error.message, "bad");
    }
  });
  item.append(text, read);
  $(".toasts").append(item);
}

export async function startBroadcasts() {
  onNews("seat.broadcast", show);
  try {
    const response = await fetch("/seat/broadcasts.json", { headers: { Accept: "application/json" } });
    if (response.ok) for (const one of (await response.json()).broadcasts.reverse()) show(one);
  } catch {
    // The next page asks again.
  }
}
