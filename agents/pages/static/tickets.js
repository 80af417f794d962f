// The list says that it grew; it never changes under the pointer.

import { $ } from "../web/js/dom.js";
import { onNews } from "../web/js/live.js";

const changed = new Set();

onNews("case.", (news) => {
  changed.add(news.number);
  const bar = $("[data-fresh]");
  $("[data-fresh-count]", bar).textContent = String(changed.size);
  bar.hidden = false;
});
