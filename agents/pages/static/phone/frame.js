// A talk lives in its page, and a page that is left takes the talk along. So the page with the
// telephone stays: where its owner follows a link, the next page opens in a frame above it. Each
// page is a whole page of its own; the address, the title and "back" follow.

import { $ } from "../../web/js/dom.js";

const NAME = "hotline-page";
const ALONE = ["/signout", "/signin", "/preferences/theme"];

/** The page with the telephone, if this one stands in its frame. */
export function host() {
  try {
    return window.parent !== window ? (window.parent.hotlineDock ?? null) : null;
  } catch {
    return null;
  }
}

const ours = (url) => url.origin === location.origin && !ALONE.includes(url.pathname);

/** Let links and forms of this page open in a frame as long as `busy()`. */
export function stayOpen({ busy, opened }) {
  let frame = null;

  function show() {
    if (frame) return frame;
    frame = document.createElement("iframe");
    frame.className = "page-frame";
    frame.name = NAME;
    frame.title = "页面";
    frame.addEventListener("load", () => follow(frame, opened));
    document.body.append(frame);
    document.documentElement.classList.add("hosting");
    return frame;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || !busy() || event.defaultPrevented || event.button) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if ((link.target && link.target !== "_self") || link.hasAttribute("download")) return;
    const url = new URL(link.href);
    if (!ours(url) || (url.hash && url.pathname === location.pathname && !frame)) return;
    event.preventDefault();
    go(url.href);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !busy() || form.method === "dialog") return;
    if (!ours(new URL(form.action))) return;
    show();
    form.target = NAME;
  });

  // What a script does (location.href = …), where the browser tells of it.
  window.navigation?.addEventListener("navigate", (event) => {
    const url = new URL(event.destination.url);
    const leaves = event.cancelable && !event.destination.sameDocument && !event.downloadRequest;
    if (!leaves || event.formData || event.navigationType === "reload" || event.navigationType === "traverse") return;
    if (!busy() || !ours(url)) return;
    event.preventDefault();
    go(url.href);
  });

  addEventListener("popstate", () => {
    if (frame && frame.contentWindow.location.href !== location.href) {
      frame.contentWindow.location.replace(location.href);
    }
  });

  function go(href) {
    const fresh = !frame;
    const place = show();
    // The first page of a frame makes no entry of its own in the history.
    if (fresh) history.pushState({}, "", href);
    place.contentWindow.location.assign(href);
  }

  return { go };
}

function follow(frame, opened) {
  const inner = frame.contentWindow;
  if (inner.location.href === "about:blank") return;
  if (inner.location.pathname === "/signin") {
    location.assign(inner.location.href);
    return;
  }
  // A paper or a picture has no bar: ours stays where it was.
  if (!inner.document.getElementById("callbar")) return;
  if (inner.location.href !== location.href) history.replaceState({}, "", inner.location.href);
  document.title = inner.document.title;
  align(inner);
  inner.addEventListener("resize", () => align(inner));
  const watch = new inner.ResizeObserver(() => align(inner));
  watch.observe(inner.document.getElementById("callbar"));
  watch.observe(inner.document.documentElement);
  opened(inner);
}

/** Lay the bar of the staying page exactly over that of the framed one. */
function align(inner) {
  const [bar, place] = [$("#callbar"), inner.document.getElementById("callbar")];
  if (!bar || !place) return;
  const { left, top, width } = place.getBoundingClientRect();
  Object.assign(bar.style, { left: `${left}px`, top: `${top}px`, width: `${width}px` });
}
