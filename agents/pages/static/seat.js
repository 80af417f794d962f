// The seat follows its own presence, offers and calls; the waiting line comes as a live view. What
// is open or has the focus stays: parts are morphed in place, never replaced.

import { $, $$, fetchFragment, parse } from "../web/js/dom.js";
import { onNews } from "../web/js/live.js";
import { morph } from "../web/js/morph.js";

async function refresh() {
  try {
    const html = await fetchFragment("/seat/parts");
    // An open menu of pauses is being read; the next news will come.
    if (!$(".pause[open]")) morph($("[data-seat]"), parse(html));
  } catch (error) {
    if (error.status === 401) location.reload();
  }
}

for (const topic of ["offer.", "presence.", "call."]) onNews(topic, refresh);

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
