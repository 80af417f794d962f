// The call bar. What the call is comes from the server; the telephone in this page answers, mutes
// and hangs up; everything else is asked of the controller (docs/talks.md).

import { $, $$, fetchFragment, parse } from "../web/js/dom.js";
import { onNews } from "../web/js/live.js";
import { morph } from "../web/js/morph.js";
import { toast } from "../web/js/toasts.js";
import { startBroadcasts } from "./phone/broadcast.js";
import { FAULTS } from "./phone/faults.js";
import { host, stayOpen } from "./phone/frame.js";
import { Phone } from "./phone/line.js";
import { onlyOne } from "./phone/only.js";
import { showTargets, showThirds } from "./phone/targets.js";

/** What the controller must allow for a button to be pressed. */
const NEEDS = {
  hold: ["hold", "unhold"],
  transfer: ["transfer", "consult", "conference"],
  back: ["back"],
  join: ["join"],
  drop: ["drop"],
  handover: ["handover"],
  emergency: ["emergency"],
};

const dock = $("[data-dock]");
const top_ = dock.closest(".top");
top_.classList.add("has-dock");

const above = host();
if (above) {
  // In a frame: this page's own bar keeps the place and the keys, the staying page's is seen.
  document.documentElement.classList.add("framed");
  dock.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (button) above.act(button.dataset.act, event.detail === 0);
  });
} else {
  startDock();
}

function startDock() {
  const phone = new Phone($("[data-remote]"), paint);
  const heard = new Set();
  let server = { phase: "none", rung: "", call: "", topic: "" };
  let talk = { parties: [], can: null };
  let tab = null;
  let mirror = null;
  let notification = null;
  let signIn = null;
  let armed = 0;
  phone.note = (words) => toast(words, "warn");

  // -- what is told ---------------------------------------------------------------------------

  async function look() {
    let html;
    try {
      html = await fetchFragment("/seat/bar");
    } catch (error) {
      if (error.status === 401 && phone.fault !== "signedout") fault("signedout");
      return;
    }
    morph($("[data-bar]", dock), parse(html));
    const told = $("[data-bar-state]", dock);
    if (!told) return;
    const before = server;
    if (before.agent && told.dataset.agent !== before.agent) return fault("stranger");
    server = { ...told.dataset };
    // After a new sign-in in another window the token is a new one.
    document.documentElement.dataset.csrf = told.dataset.token;
    if (mirror) mirror.document.documentElement.dataset.csrf = told.dataset.token;
    if (["signedout", "stranger"].includes(phone.fault)) signedInAgain();
    if (before.rung !== server.rung) lineChanged();
    if (server.phase !== "talking") {
      talk = { parties: [], can: null };
      mark("told", false);
    }
    if (server.phase === "talking" && (before.call !== server.call || before.phase !== server.phase)) askTalk();
    paint();
  }

  async function askTalk() {
    try {
      const response = await fetch("/seat/talk.json", { headers: { Accept: "application/json" } });
      if (response.ok) tellTalk(await response.json());
    } catch {
      // The next news brings it.
    }
  }

  function tellTalk(state) {
    // A supervisor is told that something happened in somebody's talk, and no more.
    if (!state.parties) return;
    // Who was asked into a talk, and who is in none any more, is told by the bar.
    const turned =
      (state.third ?? "") !== (talk.third ?? "") ||
      Boolean(state.third) !== (server.asked !== undefined) ||
      (state.third && state.consulting !== talk.consulting);
    talk = state;
    mark("told", true);
    paint();
    if (turned) look();
  }

  const thirds = () => talk.parties.filter((p) => p.id !== "caller" && p.id !== server.agent && p.kind !== "supervisor");

  /** Who else is there, in some words. */
  function company() {
    const others = talk.parties.filter((p) => p.id !== "caller" && p.id !== server.agent);
    const rung = others.filter((p) => p.state === "ringing").map((p) => p.words);
    const here = others.filter((p) => p.state !== "ringing").map((p) => p.words);
    if (talk.third) return "";
    if (rung.length) return `正在呼叫${rung.join("、")}${talk.held ? "，来电人听音乐" : ""}`;
    if (talk.consulting) return `与${here.join("、")}商量，来电人听音乐`;
    if (here.length) return `一起通话：${here.join("、")}`;
    return talk.held ? "已保持，来电人听音乐" : "";
  }

  onNews("offer.", look);
  onNews("presence.", look);
  onNews("call.", (news) => {
    if (news.topic === "call.talk") tellTalk(news);
    else if (news.topic === "call.order") {
      if (news.words) toast(news.words, news.outcome === "done" ? "good" : "bad");
    } else look();
  });

  // -- the telephone --------------------------------------------------------------------------

  function lineChanged() {
    if (server.rung === "browser") {
      tab ??= onlyOne({
        have: () => phone.start(),
        wait: () => fault("elsewhere"),
        give: (letGo) => {
          phone.leave();
          fault("elsewhere");
          // The talk is taken up over there when this leg is silent.
          setTimeout(letGo, 50);
        },
      });
    } else if (phone.wanted) {
      phone.leave();
    }
  }

  function fault(name) {
    phone.state = "fault";
    phone.fault = name;
    paint();
  }

  function again() {
    const name = phone.fault;
    if (name === "elsewhere") tab?.ask();
    else if (name === "signedout" || name === "stranger") askSignIn();
    else phone.start();
  }

  /** In a window of its own, so that the talk in this page goes on; it closes by itself. */
  function askSignIn() {
    signIn?.window.close();
    clearInterval(signIn?.timer);
    signIn = { window: window.open("/signin?next=/account"), timer: setInterval(look, 1500) };
  }

  function signedInAgain() {
    clearInterval(signIn?.timer);
    signIn?.window?.close();
    signIn = null;
    phone.start();
    dispatchEvent(new Event("signedin"));
    toast("已重新登录，通话和工单继续");
  }

  // -- what is seen ---------------------------------------------------------------------------

  function phase() {
    if (phone.ringing) return "ringing";
    if (phone.talking) return "talking";
    if (server.rung === "browser" && server.phase === "ringing" && phone.state === "ready") return "ringing";
    return server.phase;
  }

  function paint() {
    const now = phase();
    const before = dock.dataset.phase;
    dock.dataset.phase = now;
    dock.dataset.rung = server.rung ?? "";
    dock.dataset.phone = phone.state === "fault" ? phone.fault : phone.state;
    mark("held", talk.held);
    mark("third", thirds().length);
    mark("consulting", talk.consulting);
    mark("asked", talk.third || server.asked !== undefined);
    mark("emergency", talk.emergency === "raised");
    top_.classList.toggle("in-call", now === "ringing" || now === "talking");
    pressed("hold", talk.held, talk.held ? "恢复" : "保持");
    pressed("mute", phone.muted, phone.muted ? "已静音" : "静音");
    pressed("emergency", Boolean(talk.emergency), talk.emergency === "seen" ? "班长已知" : talk.emergency ? "已求助" : "应急");
    for (const [act, kinds] of Object.entries(NEEDS)) {
      const can = talk.can === null || kinds.some((kind) => talk.can.includes(kind));
      $(`[data-act="${act}"]`, dock).disabled = !can;
    }
    if (!armed) $('[data-act="hangup"] [data-words]', dock).textContent = ending();
    paintParties();
    $('[data-act="answer"]', dock).disabled = server.rung === "browser" && !phone.ringing;
    paintFault();
    if (now !== "talking") shut();
    if (before !== now) turned(before, now);
    for (const react of heard) react();
    if (mirror) reflect();
  }

  /** Where others talk on, hanging up is leaving. */
  const ending = () => (talk.third || (thirds().length && !talk.consulting) ? "离开" : "挂断");

  function paintParties() {
    const place = $("[data-parties]", dock);
    if (!place) return;
    const said = [company(), talk.recording_paused ? "录音已暂停" : ""].filter(Boolean).join(" · ");
    if (place.textContent !== said) place.textContent = said;
  }

  function mark(name, on) {
    if (on) dock.dataset[name] = "";
    else delete dock.dataset[name];
  }

  function pressed(act, on, words) {
    const button = $(`[data-act="${act}"]`, dock);
    button.setAttribute("aria-pressed", String(Boolean(on)));
    $("[data-words]", button).textContent = words;
  }

  let painted = "";
  function paintFault() {
    const known = server.rung === "browser" && phone.state === "fault" ? FAULTS[phone.fault] : null;
    mark("faultShown", known);
    if (painted === (known?.words ?? "")) return;
    painted = known?.words ?? "";
    const place = $("[data-fault]", dock);
    place.replaceChildren();
    if (!known) return;
    const words = document.createElement("span");
    words.textContent = known.words;
    words.title = known.advice;
    place.append(words);
    if (known.again) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button small";
      button.dataset.act = "again";
      button.textContent = known.again;
      place.append(button);
    }
  }

  function turned(before, now) {
    if (now === "ringing") {
      look();
      tellOutside();
    } else {
      notification?.close();
      notification = null;
      document.title = document.title.replace(/^【来电】/, "");
    }
    if (before === "talking" || now === "talking") look();
  }

  function tellOutside() {
    if (!document.title.startsWith("【来电】")) document.title = `【来电】${document.title}`;
    if (phone.state !== "ready" || window.Notification?.permission !== "granted" || document.hasFocus()) return;
    // No number and no matter: others may see the screen.
    notification = new Notification("12348 来电", { body: "按空格键接听", tag: "hotline-ring", requireInteraction: true });
    notification.onclick = () => window.focus();
  }

  // -- what is done ---------------------------------------------------------------------------

  const PARTING = ["transfer", "handover", "hangup"];

  async function order(kind, target = "", reason = "") {
    const form = new URLSearchParams({ call: talk.third ? talk.call_id : "", target, reason, key: crypto.randomUUID() });
    // The ticket goes with the caller: what was typed last goes first.
    if (PARTING.includes(kind)) await (mirror?.hotlineSheet ?? window.hotlineSheet)?.flush();
    try {
      await fetchFragment(`/seat/call/${kind}`, { method: "POST", body: form });
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  const acts = {
    answer: () => phone.answer(),
    hold: () => order(talk.held ? "unhold" : "hold"),
    mute: () => phone.mute(),
    keypad: () => toggle("keypad"),
    transfer: () => toggle("transfer"),
    back: () => order("back"),
    join: () => order("join"),
    drop: () => (thirds().length === 1 ? order("drop", `party:${thirds()[0].id}`) : toggle("drop")),
    handover: () => order("handover"),
    emergency: () => order("emergency"),
    // Who hangs up the own line alone leaves a caller on hold with the music.
    hangup,
    again,
  };

  function hangup() {
    const leaves = talk.third || (!talk.emergency && !talk.held);
    if (phone.session && leaves) phone.hangUp();
    else order("hangup");
  }

  function act(name, byKey = false) {
    const button = $(`[data-act="${name}"]`, dock);
    if (!button || button.disabled) return;
    if (name === "hangup" && byKey && !sure(button)) return;
    acts[name]?.();
  }

  /** A key is easily touched: it hangs up when it is pressed twice. */
  function sure(button) {
    const [words, before] = [$("[data-words]", button), armed];
    clearTimeout(armed);
    armed = 0;
    words.textContent = ending();
    if (before) return true;
    words.textContent = "再按一次";
    armed = setTimeout(() => {
      armed = 0;
      words.textContent = ending();
    }, 2500);
    return false;
  }

  function toggle(name) {
    const sheet = $(`[data-sheet="${name}"]`, dock);
    const open = sheet.hidden;
    shut();
    sheet.hidden = !open;
    if (!open) return;
    if (name === "drop") {
      showThirds(sheet, thirds(), (id) => {
        shut();
        order("drop", `party:${id}`);
      });
    } else if (name === "transfer") {
      showTargets(sheet, talk, (kind, target) => {
        shut();
        order(kind, target);
      });
    } else $("button[data-tone]", sheet).focus();
  }

  function shut() {
    for (const sheet of $$("[data-sheet]", dock)) sheet.hidden = true;
  }

  dock.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.act) act(button.dataset.act, event.detail === 0);
    if (button.dataset.shut !== undefined) shut();
    if (button.dataset.tone) {
      phone.tone(button.dataset.tone);
      $("[data-tones]", dock).value += button.dataset.tone;
    }
  });
  dock.addEventListener("keydown", (event) => {
    if (event.key === "Escape") shut();
    const pad = event.target.closest('[data-sheet="keypad"]');
    if (pad && /^[0-9*#]$/.test(event.key)) $(`[data-tone="${event.key}"]`, pad).click();
  });
  document.addEventListener("click", () => phone.ring.prepare(), { once: true });
  addEventListener("beforeunload", (event) => {
    if (phone.talking) event.preventDefault();
  });

  // -- pages in the frame ---------------------------------------------------------------------

  stayOpen({
    busy: () => Boolean(phone.session) || phone.state === "ready",
    opened: (inner) => {
      mirror = inner;
      inner.addEventListener("pagehide", () => (mirror = null), { once: true });
      reflect();
      $$("[data-act]", inner.document).length && inner.dispatchEvent(new Event("dock"));
    },
  });

  /** The framed page's bar has the same buttons, so that its keys and its list of keys do. */
  function reflect() {
    const other = $("[data-dock]", mirror.document);
    if (!other) return;
    for (const name of Object.keys(other.dataset)) if (!(name in dock.dataset)) delete other.dataset[name];
    Object.assign(other.dataset, dock.dataset);
    $("[data-bar]", other).innerHTML = $("[data-bar]", dock).innerHTML;
    for (const button of $$("[data-act]", other)) {
      const own = $(`[data-act="${button.dataset.act}"]`, dock);
      if (own) button.disabled = own.disabled;
    }
    $(".top", mirror.document).classList.toggle("in-call", top_.classList.contains("in-call"));
  }

  window.hotlineDock = {
    act,
    phone,
    again,
    askSignIn,
    look,
    order,
    tell: tellTalk,
    get talk() {
      return talk;
    },
    get line() {
      return server.rung;
    },
    get fault() {
      return phone.state === "fault" ? FAULTS[phone.fault] : null;
    },
    watch(react) {
      heard.add(react);
      react();
      return () => heard.delete(react);
    },
  };
  look();
  startBroadcasts();
  addEventListener("focus", () => ["signedout", "stranger"].includes(phone.fault) && look());
  // What was missed while the stream was away.
  addEventListener("online", look);
}
