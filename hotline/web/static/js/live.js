// One event stream for the page. The browser itself asks again after a gap and tells the server
// the last thing it knows; the server sends what was missed, or says "load anew".

import { $, $$, parse } from "./dom.js";
import { morph } from "./morph.js";

const listeners = [];

/** Call `react(news)` for news whose topic begins with `topic`. */
export function onNews(topic, react) {
  listeners.push({ topic, react });
}

function show(state, words) {
  const line = $("[data-line]");
  if (!line) return;
  line.dataset.state = state;
  const text = $("span:last-child", line);
  if (text) text.textContent = words;
}

function applyView({ view, regions }) {
  for (const [name, html] of Object.entries(regions)) {
    for (const target of $$(`[data-region="${view}.${name}"]`)) {
      morph(target, parse(html));
      target.dispatchEvent(new CustomEvent("region", { bubbles: true }));
    }
  }
}

export function startLive() {
  const views = [...new Set($$("[data-region]").map((e) => e.dataset.region.split(".")[0]))];
  if (!views.length && !listeners.length) return;
  const query = new URLSearchParams(views.map((view) => ["view", view]));
  // Only what this page listens for is sent; "-" begins no topic.
  for (const topic of new Set(listeners.map((one) => one.topic).concat(listeners.length ? [] : "-"))) {
    query.append("topic", topic);
  }
  // From what the page was drawn from, so that nothing falls between page and stream.
  const { position } = document.documentElement.dataset;
  if (position) query.set("after", position);
  const source = new EventSource(`/events?${query}`);
  source.addEventListener("open", () => show("open", "实时"));
  source.addEventListener("error", () => show("lost", "连接中断，正在重连……"));
  source.addEventListener("view", (event) => applyView(JSON.parse(event.data)));
  source.addEventListener("news", (event) => {
    const news = JSON.parse(event.data);
    for (const { topic, react } of listeners) if (news.topic.startsWith(topic)) react(news);
  });
  source.addEventListener("resync", () => {
    // A form that is being filled in is worth more than fresh figures.
    if (document.querySelector("form[data-dirty]")) show("stale", "内容可能已更新，保存后请刷新");
    else location.reload();
  });
  source.addEventListener("signed-out", () => {
    source.close();
    show("lost", "登录已过期，请重新登录");
  });
  addEventListener("pagehide", () => source.close());
}
