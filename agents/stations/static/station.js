// The station's desk follows its tickets, its offers and its own state; calling back goes through
// the exchange: the own telephone rings first.

import { $, fetchFragment, parse } from "../web/js/dom.js";
import { onNews } from "../web/js/live.js";
import { morph } from "../web/js/morph.js";
import { toast } from "../web/js/toasts.js";

const QUIET_MS = 15000;

async function refresh() {
  try {
    morph($("[data-station]"), parse(await fetchFragment(location.pathname + location.search)));
  } catch (error) {
    if (error.status === 401) location.reload();
  }
}

for (const topic of ["case.", "offer.", "presence.", "call."]) onNews(topic, refresh);
// Whoever else waits is not told to a station; it looks by itself.
setInterval(refresh, QUIET_MS);

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-dial]");
  if (!form) return;
  event.preventDefault();
  try {
    await fetchFragment(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    toast("正在呼叫您的话机，接起后为您拨出");
  } catch (error) {
    toast(error.message, "bad");
  }
});
