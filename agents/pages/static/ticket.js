// One ticket: panels come anew when their subject changed; the number shows on the record.

import { $, $$, fetchFragment, parse } from "../web/js/dom.js";
import { onNews } from "../web/js/live.js";
import { toast } from "../web/js/toasts.js";

const ticket = $("[data-ticket]");

for (const panel of $$("[data-panel]")) {
  for (const topic of panel.dataset.refreshOn.split(" ").filter(Boolean)) {
    onNews(topic, async (news) => {
      if (news.call !== ticket.dataset.call) return;
      const html = await fetchFragment(`/tickets/${ticket.dataset.ticket}/panels/${panel.dataset.panel}`);
      panel.replaceChildren(parse(html));
      panel.dispatchEvent(new CustomEvent("panel", { bubbles: true }));
    });
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-reveal]");
  if (!form) return;
  event.preventDefault();
  try {
    const number = await fetchFragment(form.action, { method: "POST" });
    const place = form.closest("[data-masked]");
    $(".number", place).textContent = number;
    form.remove();
    toast("已显示完整号码，本次查看已记录");
  } catch (error) {
    toast(error.message, "bad");
  }
});
