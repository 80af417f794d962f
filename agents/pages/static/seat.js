// The seat follows its own presence, offers and calls; the waiting line comes as a live view. What
// is open or has the focus stays: parts are morphed in place, never replaced.

import { $, $$, fetchFragment, parse } from "../web/js/dom.js";
import { onNews } from "../web/js/live.js";
import { morph } from "../web/js/morph.js";
import { toast } from "../web/js/toasts.js";
import { host } from "./phone/frame.js";

async function refresh() {
  try {
    const html = await fetchFragment("/seat/parts");
    // An open menu of pauses is being read; the next news will come.
    if ($(".pause[open]")) return;
    morph($("[data-seat]"), parse(html));
    document.dispatchEvent(new CustomEvent("seat"));
  } catch {
    // Signed out, or no network: the call bar says so, and what is typed must stay.
  }
}

// News come in bunches; one look tells all of them.
let due = false;
function soon() {
  if (due) return;
  due = true;
  queueMicrotask(async () => {
    due = false;
    await refresh();
  });
}

for (const topic of ["offer.", "presence."]) onNews(topic, soon);
onNews("call.", (news) => {
  // What becomes of a talk changes only the page of who was asked into somebody else's.
  const asked = news.third || ($('[data-panel="third"]')?.childElementCount && !news.call_id);
  if (news.topic === "call.talk" ? asked : news.topic !== "call.order") soon();
});
onNews("case.", () => {
  // The ticket of a new call is made a moment after the call came.
  if ($('[data-id="no-sheet"]')) soon();
});

// Changes of state and of line need no new page: the telephone and the form stay as they are.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !/^\/seat\/(presence|line)$/.test(new URL(form.action).pathname)) return;
  event.preventDefault();
  try {
    const body = new URLSearchParams(new FormData(form, event.submitter));
    toast(await fetchFragment(form.action, { method: "POST", body }));
    const menu = form.closest("details.pause");
    if (menu) menu.open = false;
    (host() ?? window.hotlineDock)?.look();
  } catch (error) {
    toast(error.message, "bad");
  }
  for (const button of $$("button", form)) if (!button.matches(".line-choice")) button.disabled = false;
  soon();
});

// The caller's number shows on the record.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-reveal]");
  if (!form) return;
  event.preventDefault();
  try {
    $(".number", form.closest("[data-masked]")).textContent = await fetchFragment(form.action, { method: "POST" });
    form.remove();
    toast("已显示完整号码，本次查看已记录");
  } catch (error) {
    toast(error.message, "bad");
  }
});

// Other packages' panels come anew one by one, each after its own topics.
const topics = new Set($$("[data-panel]").flatMap((p) => p.dataset.refreshOn.split(" ").filter(Boolean)));
for (const topic of topics) {
  onNews(topic, async () => {
    for (const panel of $$(`[data-panel][data-refresh-on~="${topic}"]`)) {
      morph(panel, parse(await fetchFragment(`/seat/panels/${panel.dataset.panel}`)));
      panel.dispatchEvent(new CustomEvent("panel", { bubbles: true }));
    }
  });
}
