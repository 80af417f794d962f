// The week by pointer and by arrow keys. Everything here can also be done with the forms that the
// links open; this only makes the frequent acts quick. The server decides: a move that it refuses
// comes back with its words, and the table is drawn as the server has it.

import { $, $$, fetchFragment, parse } from "../web/js/dom.js";
import { onNews } from "../web/js/live.js";
import { morph } from "../web/js/morph.js";
import { toast } from "../web/js/toasts.js";

const place = $("[data-rota]");
const table = () => $("table.rota", place);
const first = () => Number(table().dataset.first);
const wide = () => Number(table().dataset.wide);
const EDGE = 8;

const clock = (n) => `${String(Math.floor(n / 2)).padStart(2, "0")}:${n % 2 ? "30" : "00"}`;

function draw(html, focus) {
  morph(place, parse(html));
  if (focus) $(`[data-shift="${focus}"]`, place)?.focus();
}

async function send(path, values, focus) {
  const body = new URLSearchParams({ week: place.dataset.week, ...values });
  try {
    draw(await fetchFragment(path + location.search, { method: "POST", body }), focus);
  } catch (error) {
    toast(error.message, "bad");
    await refresh(focus);
  }
}

async function refresh(focus) {
  const here = new URL(location.href);
  here.searchParams.set("week", place.dataset.week);
  if (here.pathname !== "/rota") here.pathname = "/rota";
  draw(await fetchFragment(here), focus);
}

function save(shift, track, at, length) {
  const begins = first() + at;
  return send(
    `/rota/shifts/${shift.dataset.shift}`,
    {
      agent: track.closest("tr").dataset.agent,
      day: track.dataset.day,
      from: clock(begins),
      to: clock(begins + length),
      seat: shift.dataset.seat,
    },
    shift.dataset.shift,
  );
}

const clamp = (n, low, high) => Math.min(high, Math.max(low, n));
const trackAt = (x, y) => document.elementsFromPoint(x, y).map((e) => e.closest?.(".track")).find(Boolean);

function column(track, x) {
  const box = track.getBoundingClientRect();
  return clamp(Math.floor(((x - box.left) / box.width) * wide()), 0, wide() - 1);
}

function show(ghost, track, at, length) {
  ghost.className = `ghost at-${at} for-${length}`;
  ghost.textContent = `${clock(first() + at)}–${clock(first() + at + length)}`;
  if (ghost.parentElement !== track) track.append(ghost);
}

/** Follow the pointer from a press; `plan` says where the shift would come to lie. */
function follow(event, plan, done) {
  const ghost = document.createElement("span");
  let last = null;
  const move = (e) => {
    if (!last && Math.hypot(e.clientX - event.clientX, e.clientY - event.clientY) < 5) return;
    last = plan(e) ?? last;
    if (last) show(ghost, ...last);
  };
  const stop = (e) => {
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", stop);
    removeEventListener("pointercancel", stop);
    ghost.remove();
    if (last && e.type === "pointerup") {
      // The click that ends a drag must not follow the link under it.
      addEventListener("click", (c) => c.preventDefault(), { capture: true, once: true });
      setTimeout(() => done(...last));
    }
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", stop);
  addEventListener("pointercancel", stop);
}

function drag(event, shift) {
  const own = shift.closest(".track");
  const at = Number(shift.dataset.at);
  const length = Number(shift.dataset.length);
  const grip = column(own, event.clientX) - at;
  const resizing = shift.getBoundingClientRect().right - event.clientX < EDGE;
  const plan = (e) => {
    if (resizing) return [own, at, clamp(column(own, e.clientX) - at + 1, 1, wide() - at)];
    const track = trackAt(e.clientX, e.clientY);
    return track && [track, clamp(column(track, e.clientX) - grip, 0, wide() - length), length];
  };
  follow(event, plan, (track, to, long) => {
    if (track !== own || to !== at || long !== length) save(shift, track, to, long);
  });
}

function make(event, track) {
  const start = column(track, event.clientX);
  const plan = (e) => {
    const end = column(track, e.clientX);
    return [track, Math.min(start, end), Math.abs(end - start) + 1];
  };
  follow(event, plan, (_, at, length) =>
    send("/rota/shifts", {
      agent: track.closest("tr").dataset.agent,
      day: track.dataset.day,
      from: clock(first() + at),
      to: clock(first() + at + length),
      seat: "",
    }),
  );
}

function press(event) {
  // A finger scrolls the table; the form is the way there.
  if (event.button !== 0 || event.pointerType === "touch") return;
  const shift = event.target.closest(".shift");
  const track = event.target.closest(".track");
  if (shift) drag(event, shift);
  else if (track && !event.target.closest(".add")) make(event, track);
  else return;
  if (!shift) event.preventDefault();
}

function key(event) {
  const shift = event.target.closest(".shift");
  if (!shift || event.ctrlKey || event.metaKey || event.altKey) return;
  const track = shift.closest(".track");
  const at = Number(shift.dataset.at);
  const length = Number(shift.dataset.length);
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) {
    event.preventDefault();
    if (event.shiftKey) save(shift, track, at, clamp(length + step, 1, wide() - at));
    else save(shift, track, clamp(at + step, 0, wide() - length), length);
  } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    event.preventDefault();
    const rows = $$("tbody tr", table());
    const row = rows[rows.indexOf(shift.closest("tr")) + (event.key === "ArrowUp" ? -1 : 1)];
    const next = row && $(`.track[data-day="${track.dataset.day}"]`, row);
    if (next) save(shift, next, at, length);
  } else if (event.key === "Delete") {
    event.preventDefault();
    if (confirm(`删除这一班？\n${shift.title}`)) send(`/rota/shifts/${shift.dataset.shift}`, { remove: "1" });
  }
}

if (place.dataset.make !== undefined) {
  place.addEventListener("pointerdown", press);
  place.addEventListener("dragstart", (event) => event.preventDefault());
  place.addEventListener("keydown", key);
  place.addEventListener("pointermove", (event) => {
    const shift = event.target.closest(".shift");
    shift?.classList.toggle("edge", shift.getBoundingClientRect().right - event.clientX < EDGE);
  });
}
onNews("rota.changed", (news) => {
  // Not under the hand that drags.
  if (news.week === place.dataset.week && !$(".ghost", place)) {
    refresh(document.activeElement?.dataset?.shift);
  }
});
