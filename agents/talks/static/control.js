// The control page follows calls and seats; a form that is open or being written is left alone.

import { $, fetchFragment, parse } from "../web/js/dom.js";
import { onNews } from "../web/js/live.js";
import { morph } from "../web/js/morph.js";
import { toast } from "../web/js/toasts.js";

const KINDS = { done: "good", refused: "warn", failed: "bad" };
let due = 0;

async function refresh() {
  due = 0;
  const control = $("[data-control]");
  if ($("details[open], form[data-dirty]", control)) return;
  try {
    morph(control, parse(await fetchFragment(location.pathname)));
  } catch (error) {
    if (error.status === 401) location.reload();
  }
}

function soon() {
  // What happens together is shown together.
  due ||= setTimeout(refresh, 300);
}

onNews("call.", (news) => {
  if (news.topic === "call.order" && news.words) toast(news.words, KINDS[news.outcome] ?? "good");
  soon();
});
onNews("presence.", soon);
onNews("seat.broadcast", soon);
